package store_test

import (
	"strings"
	"testing"

	"kinerja/store"
)

func TestADatabaseURLIsReadWithoutConnecting(t *testing.T) {
	for _, good := range []string{
		"sqlite:kinerja.db", "mysql://h/kinerja", "mysql://u:p@h:3306/kinerja?timeout=2s&tls=true", "mysql://u:p@h1,h2:3307,[::1]:3308/kinerja",
		"mysql://u:p%2Fq%2C@h1.local:3306,h2.local/kinerja",
	} {
		if err := store.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "sqlite:", "postgres://h/kinerja", "mysql://", "mysql://h", "mysql://h/", "mysql:///kinerja", "mysql://u:secret@/kinerja",
		"mysql://u:secret@h1,,h2/kinerja", "mysql://u:secret@h:port/kinerja", "mysql://u:secret@h:3306:3307/kinerja", "mysql://u:sec%ret@h/kinerja",
		"mysql://u:secret@h/kinerja?tls=secret", "mysql://u:secret@h/kinerja?tls-ca=/nowhere/ca.pem",
	} {
		if err := store.CheckURL(bad); err == nil || strings.Contains(err.Error(), "sec") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
