package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const transactionTries = 8

// transaction runs work in one transaction and repeats all of it when the database asks for that:
// deadlock, lock timeout, failed certification on a cluster, a busy SQLite file, a connection lost before the commit.
// work must therefore change nothing but the database.
func (s *Store) transaction(ctx context.Context, operation string, work func(tx *gorm.DB) error) error {
	var err error
	for try := range transactionTries {
		err = s.db.WithContext(ctx).Transaction(work)
		if err == nil || !Transient(err) {
			break
		}
		if waitErr := pause(ctx, try); waitErr != nil {
			break
		}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrConflict):
		return err
	default:
		return fmt.Errorf("%s: %w", operation, err)
	}
}

// pause waits a growing, random moment, so that two transactions that met do not meet again.
func pause(ctx context.Context, try int) error {
	timer := time.NewTimer(time.Duration(rand.Int64N(int64(5*time.Millisecond) << min(try, 6))))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// MySQL's and MariaDB's numbers for "do the transaction again": the statement was sound, the server was not able or not willing just then.
const (
	mysqlTooManyConns     = 1040 // max_connections are taken
	mysqlNotPrepared      = 1047 // Galera: this node has not joined the cluster
	mysqlShutdown         = 1053
	mysqlTooManyUserConns = 1203 // max_user_connections of the server
	mysqlLockTimeout      = 1205
	mysqlDeadlock         = 1213 // Galera reports a failed certification with it too
	mysqlUserLimit        = 1226 // what this user may do in an hour, or at one moment, is used up
	mysqlOption           = 1290 // --read-only, --super-read-only: a failover is going on
	mysqlInterrupted      = 1317 // KILL QUERY, or the shutdown that begins
	mysqlReadOnlyMode     = 1836 // InnoDB writes nothing, such as on a reader of a managed database
	mariadbKilled         = 1927 // KILL CONNECTION
	mysqlTryAgain         = 3101 // Group Replication: rolled back by a conflicting transaction
	mysqlNotAvailable     = 3168 // the server is not ready for sessions: it starts or stops
	mysqlSessionKilled    = 3169 // KILL CONNECTION
	tidbWriteClash        = 9007
)

// Transient reports whether err may be gone when the same work is done again: the database was busy or away, the work itself was sound.
func Transient(err error) bool {
	var none unreached
	if errors.As(err, &none) {
		return slices.ContainsFunc(none, Transient)
	}
	var numbered *mysql.MySQLError
	if errors.As(err, &numbered) {
		switch numbered.Number {
		case mysqlTooManyConns, mysqlNotPrepared, mysqlShutdown, mysqlTooManyUserConns, mysqlLockTimeout, mysqlDeadlock, mysqlUserLimit,
			mysqlOption, mysqlInterrupted, mysqlReadOnlyMode, mariadbKilled, mysqlTryAgain, mysqlNotAvailable, mysqlSessionKilled, tidbWriteClash:
			return true
		}
		return false
	}
	if errors.As(err, &refusal{}) {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || sqliteBusy(err) || lostConnection(err)
}

// shared takes read locks on the rows that a decision rests on, so that they stay as they are until the commit.
// SQLite has one writer at a time and needs none.
func (s *Store) shared(tx *gorm.DB) *gorm.DB {
	if s.engine == "sqlite" {
		return tx
	}
	return tx.Clauses(clause.Locking{Strength: "SHARE"})
}

// exclusive takes write locks on the rows that are about to change.
func (s *Store) exclusive(tx *gorm.DB) *gorm.DB {
	if s.engine == "sqlite" {
		return tx
	}
	return tx.Clauses(clause.Locking{Strength: "UPDATE"})
}
