package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
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

// MySQL's numbers for "do the transaction again".
const (
	mysqlLockTimeout  = 1205
	mysqlDeadlock     = 1213 // Galera reports a failed certification with it too
	mysqlShutdown     = 1053
	mysqlKilled       = 1927
	mysqlNotPrepared  = 1047 // Galera: this node has not joined the cluster
	mysqlReadOnly     = 1290 // a failover is going on
	mysqlTooManyConns = 1040
	mysqlTryAgain     = 3101 // Group Replication: rolled back by a conflicting transaction
	mysqlWriteClash   = 9007 // TiDB: write conflict
)

// Transient reports whether err may be gone when the same work is done again: the database was busy or away, the work itself was sound.
func Transient(err error) bool {
	var numbered *mysql.MySQLError
	if errors.As(err, &numbered) {
		switch numbered.Number {
		case mysqlLockTimeout, mysqlDeadlock, mysqlShutdown, mysqlKilled, mysqlNotPrepared, mysqlReadOnly, mysqlTooManyConns, mysqlTryAgain, mysqlWriteClash:
			return true
		}
		return false
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
