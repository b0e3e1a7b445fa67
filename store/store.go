// Package store keeps the records and their queries: GORM on MySQL or MariaDB, or on SQLite in one file.
//
// Nothing outside this package knows GORM. Every method is one query or one transaction, returns ErrNotFound
// both for what does not exist and for what the caller may not see, and may be called again with the same
// arguments without harm. Times go in and come out in UTC.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Errors for callers. Anything else that a method returns is internal.
var (
	// ErrNotFound is returned for a missing record and for one that the caller has no right to: the two look the same.
	ErrNotFound = errors.New("not found")
	// ErrConflict is returned when the record is not in the state that the change starts from.
	ErrConflict = errors.New("not in the expected state")
)

// Options of Open that are not in the URL.
type Options struct {
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// LeaseNow is the clock of leases. When nil it is that of the database server, which all processes share; on SQLite it is Now,
	// because they all stand on one machine.
	LeaseNow func() time.Time
	// Wrap may put something between GORM and the driver, such as a counter or a source of faults; nil for nothing.
	Wrap func(driver.Connector) driver.Connector
	// Observe is called after each statement with its kind (create, query, update, delete, raw) and how long it took; nil for nobody.
	Observe func(kind string, took time.Duration)
	// Waits is called each time that Migrate finds a table in use and begins anew; nil for nobody.
	Waits func()
}

// Store is the records behind one database URL. It is safe for concurrent use.
type Store struct {
	db     *gorm.DB
	sql    *sql.DB
	engine string // "mysql" or "sqlite"
	now    func() time.Time
	leases func() time.Time // nil for the database's clock
	pulse  *pulse
	waits  func()

	indicators indicatorCache
}

// Open connects to the database at url:
//
//	mysql://user:password@host:3306/name?tls=true       MySQL 8, MariaDB 10.6 or newer
//	mysql://user:password@h1:3306,h2:3306/name          several servers: the first that can be written to
//	mysql://user:password@host:3306/name?tls-ca=ca.pem  TLS with an authority of one's own
//	sqlite:path/to/file.db                               SQLite in one file
//
// It does not touch the schema: see Migrate and CheckSchema.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	// Microseconds, because that is what MySQL keeps: a time read back is the time that was written.
	utc := func() time.Time { return now().UTC().Truncate(time.Microsecond) }
	engine, connector, err := connectorFor(url)
	if err != nil {
		return nil, err
	}
	if o.Wrap != nil {
		connector = o.Wrap(connector)
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(maxConnections[engine])
	pool.SetMaxIdleConns(maxConnections[engine])
	pool.SetConnMaxLifetime(5 * time.Minute)
	db, err := gorm.Open(dialectorFor(engine, pool), &gorm.Config{
		NowFunc:        utc,
		TranslateError: true,
		Logger:         logger.Discard, // statements carry personal data
		// Each method opens its own transaction where it needs one.
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), pool.Close())
	}
	if err := observe(db, o.Observe); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	s := &Store{db: db, sql: pool, engine: engine, now: utc, leases: o.LeaseNow, pulse: newPulse(), waits: o.Waits}
	if s.leases == nil && engine == "sqlite" {
		s.leases = utc
	}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return s, nil
}

// Ping reports whether the database answers. Whether it takes writes is another question: TakesWrites.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.sql.PingContext(ctx); err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	return nil
}

// Close ends all connections.
func (s *Store) Close() error { return s.sql.Close() }

// Now is the store's clock: UTC, in whole microseconds.
func (s *Store) Now() time.Time { return s.now() }

// first turns GORM's "no row" into ErrNotFound and wraps everything else with the operation.
func first(tx *gorm.DB, operation string) error {
	switch {
	case tx.Error == nil:
		return nil
	case errors.Is(tx.Error, gorm.ErrRecordNotFound):
		return ErrNotFound
	default:
		return fmt.Errorf("%s: %w", operation, tx.Error)
	}
}

// failed wraps the error of a statement with the operation; nil stays nil.
func failed(tx *gorm.DB, operation string) error {
	if tx.Error == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, tx.Error)
}
