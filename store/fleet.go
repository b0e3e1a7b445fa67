package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
)

// connectLimit is how long opening one connection may take, from the first packet to the session that is ready. Where there are
// several servers each has less, so that the next one has its turn before the work that waits is given up.
const connectLimit = 9 * time.Second

// fleet opens connections to the first of several servers that can be written to, and keeps to that one while it can. All
// connections that are handed out are to the same server: one that is behind another would show what was true before.
// Which server takes writes is decided by the cluster, not here.
type fleet struct {
	members []member
	limit   time.Duration

	mu    sync.Mutex
	next  int // with whom a new connection is tried first
	inUse int // -1 for none
	era   int // connections of an earlier one are closed when they are next asked for
}

type member struct {
	address   string
	connector driver.Connector
}

// refusal is a server that answers and takes no writes.
type refusal struct{ address, why string }

func (r refusal) Error() string {
	return fmt.Sprintf("database %s takes no writes: %s", r.address, r.why)
}

// unreached is why no server could be used, one error a server.
type unreached []error

func (u unreached) Error() string { return errors.Join(u...).Error() }

// Unwrap lets errors.Is look at each.
func (u unreached) Unwrap() []error { return u }

// Connect tries one server after the other.
func (f *fleet) Connect(ctx context.Context) (driver.Conn, error) {
	var failures unreached
	first := f.first()
	for i := range f.members {
		n := (first + i) % len(f.members)
		conn, err := f.open(ctx, f.members[n])
		if err == nil {
			return f.use(n, conn), nil
		}
		failures = append(failures, err)
		if crowded(err) || errors.Is(ctx.Err(), context.Canceled) {
			break // nothing is wrong with the server
		}
		f.pass(n)
		if ctx.Err() != nil {
			break
		}
	}
	if len(failures) == 1 {
		return nil, failures[0]
	}
	return nil, failures
}

// Driver is that of each server.
func (f *fleet) Driver() driver.Driver { return f.members[0].connector.Driver() }

func (f *fleet) first() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.next
}

// use makes n the server of the pool.
func (f *fleet) use(n int, conn session) driver.Conn {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.inUse != n {
		f.era++
	}
	f.inUse, f.next = n, n
	return &fleetConn{session: conn, fleet: f, era: f.era}
}

// pass lets the next connection begin with the server after n.
func (f *fleet) pass(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == n {
		f.next = (n + 1) % len(f.members)
	}
}

// leave gives up the server of an era: it takes no writes any more.
func (f *fleet) leave(era int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.era == era {
		f.era++
		f.next, f.inUse = (f.inUse+1)%len(f.members), -1
	}
}

func (f *fleet) current(era int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.era == era
}

// session is what the driver's connections offer to database/sql. Whatever a wrapper did not pass on would be done in a slower way.
type session interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// open connects to one server, and refuses it when it takes no writes.
func (f *fleet) open(ctx context.Context, m member) (session, error) {
	ctx, cancel := context.WithTimeout(ctx, f.limit)
	defer cancel()
	raw, err := m.connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", m.address, err)
	}
	conn, ok := raw.(session)
	if !ok {
		return nil, errors.Join(errors.New("MySQL driver lacks what is needed of it"), raw.Close())
	}
	if err := prepare(ctx, conn, m.address); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// prepare sets the isolation. Decisions rest on rows that are locked explicitly; the default, repeatable read, would add gap
// locks, and with them deadlocks between people who have nothing to do with each other. MySQL and MariaDB name the variable
// differently, the statement is the same.
func prepare(ctx context.Context, conn session, address string) error {
	if _, err := conn.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		return err
	}
	why, err := takesNoWrites(ctx, conn)
	if err == nil && why != "" {
		return refusal{address, why}
	}
	return err
}

// takesNoWrites returns why a server is only to be read, "" when it takes writes. MySQL sets read_only with super_read_only.
func takesNoWrites(ctx context.Context, conn session) (string, error) {
	variables, err := namedValues(ctx, conn, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'innodb_read_only')")
	if err != nil {
		return "", err
	}
	for _, name := range []string{"read_only", "innodb_read_only"} {
		if value := variables[name]; value != "" && value != "OFF" {
			return name + " is " + value, nil
		}
	}
	galera, err := namedValues(ctx, conn, "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_provider_name', 'wsrep_ready')")
	if err != nil || galera["wsrep_provider_name"] == "" {
		return "", err
	}
	if galera["wsrep_ready"] == "OFF" {
		return "wsrep_ready is OFF", nil // a node that has lost its cluster
	}
	return "", readsAll(ctx, conn)
}

// readsAll lets a session on a node of Galera begin each read and each transaction with all that was stored on any node before: the next
// screen of a person may be drawn by a process that uses another one.
func readsAll(ctx context.Context, conn session) error {
	_, err := conn.ExecContext(ctx, "SET SESSION wsrep_sync_wait = 1", nil)
	return err
}

// namedValues runs a statement that returns names and values.
func namedValues(ctx context.Context, conn session, query string) (values map[string]string, err error) {
	rows, err := conn.QueryContext(ctx, query, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values = map[string]string{}
	row := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return values, nil
		case err != nil:
			return nil, err
		}
		values[strings.ToLower(asText(row[0]))] = strings.ToUpper(asText(row[1]))
	}
}

func asText(v driver.Value) string {
	if bytes, ok := v.([]byte); ok {
		return string(bytes)
	}
	return fmt.Sprint(v)
}

// crowded reports that a server is well and has no connection left: going to another one would be wrong.
func crowded(err error) bool {
	var numbered *mysql.MySQLError
	return errors.As(err, &numbered) &&
		(numbered.Number == mysqlTooManyConns || numbered.Number == mysqlTooManyUserConns || numbered.Number == mysqlUserLimit)
}

// fleetConn is a connection that knows whether its server is still the one to be written to.
type fleetConn struct {
	session
	fleet *fleet
	era   int
}

// note gives up the server when it refuses a write.
func (c *fleetConn) note(err error) error {
	var numbered *mysql.MySQLError
	if errors.As(err, &numbered) {
		switch numbered.Number {
		case mysqlOption, mysqlReadOnlyMode, mysqlNotPrepared:
			c.fleet.leave(c.era)
		}
	}
	return err
}

// ExecContext runs a statement that returns no rows.
func (c *fleetConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.session.ExecContext(ctx, query, args)
	return result, c.note(err)
}

// QueryContext runs a statement that returns rows.
func (c *fleetConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.session.QueryContext(ctx, query, args)
	return rows, c.note(err)
}

// BeginTx begins a transaction, whose commit can be refused too.
func (c *fleetConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.session.BeginTx(ctx, options)
	if err != nil {
		return nil, c.note(err)
	}
	return fleetTx{tx, c}, nil
}

// ResetSession is asked before a connection is used again.
func (c *fleetConn) ResetSession(ctx context.Context) error {
	if !c.fleet.current(c.era) {
		return driver.ErrBadConn
	}
	return c.session.ResetSession(ctx)
}

// IsValid is asked before a connection is kept.
func (c *fleetConn) IsValid() bool { return c.fleet.current(c.era) && c.session.IsValid() }

type fleetTx struct {
	driver.Tx
	conn *fleetConn
}

// Commit ends the transaction.
func (t fleetTx) Commit() error { return t.conn.note(t.Tx.Commit()) }
