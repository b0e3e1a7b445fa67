package store_test

import (
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"

	"kinerja/store"
	"kinerja/store/storetest"
)

func TestWhatMySQLTakesBackIsDoneAgainAndWhatItForbidsIsNot(t *testing.T) {
	for number, want := range map[uint16]bool{
		1040: true, 1047: true, 1053: true, 1203: true, 1205: true, 1213: true, 1226: true, 1290: true, 1317: true,
		1836: true, 1927: true, 3101: true, 3168: true, 3169: true,
		1045: false, // wrong password
		1062: false, // duplicate key
		1064: false, // syntax
		1146: false, // no such table
		1366: false, // character that the column cannot hold
		1406: false, // too long
	} {
		if got := store.Transient(fmt.Errorf("work: %w", &mysql.MySQLError{Number: number})); got != want {
			t.Errorf("%d: transient %v, want %v", number, got, want)
		}
	}
}

// The server itself ends the statement or the session, as an operator or a shutdown does.
func TestAKilledStatementAndAKilledSessionAreTransient(t *testing.T) {
	s := storetest.Open(t, storetest.URL(t, "mariadb"), store.Options{})
	for _, kill := range []string{"KILL QUERY", "KILL CONNECTION"} {
		if err := s.KilledWhileWaiting(t, kill); err == nil || !store.Transient(err) {
			t.Errorf("%s: %v", kill, err)
		}
	}
}
