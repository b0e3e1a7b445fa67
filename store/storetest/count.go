package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"
)

// Statements counts the SQL statements that reach a database. BEGIN, COMMIT and ROLLBACK are not among them.
// Give its Wrap to store.Options.
type Statements struct {
	n atomic.Int64
	// Seen is called with each statement and its arguments before it is run; nil for nobody. It must be safe for concurrent use.
	Seen func(query string, args []any)
}

// Count is how many there were so far.
func (s *Statements) Count() int { return int(s.n.Load()) }

func (s *Statements) see(query string, named []driver.NamedValue) {
	if s.Seen == nil {
		return
	}
	args := make([]any, 0, len(named))
	for _, v := range named {
		args = append(args, v.Value)
	}
	s.Seen(query, args)
}

// Wrap puts the counter between the pool and the driver.
func (s *Statements) Wrap(c driver.Connector) driver.Connector {
	return countingConnector{Connector: c, statements: s}
}

type countingConnector struct {
	driver.Connector
	statements *Statements
}

// Connect opens a connection whose statements are counted.
func (c countingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(fullConn)
	if !ok {
		return nil, errors.Join(errors.New("storetest: this driver lacks what database/sql would use"), conn.Close())
	}
	return &countingConn{fullConn: full, statements: c.statements}, nil
}

// fullConn is what both drivers offer to database/sql. Whatever the wrapper did not pass on would be done in a slower way.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type countingConn struct {
	fullConn
	statements *Statements
}

// ExecContext counts a statement that returns no rows.
func (c *countingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.statements.see(query, args)
	result, err := c.fullConn.ExecContext(ctx, query, args)
	c.count(err)
	return result, err
}

// QueryContext counts a statement that returns rows.
func (c *countingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.statements.see(query, args)
	rows, err := c.fullConn.QueryContext(ctx, query, args)
	c.count(err)
	return rows, err
}

// PrepareContext counts as a statement too: it is a round trip, and what is prepared is executed at least once.
func (c *countingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.fullConn.PrepareContext(ctx, query)
	c.count(err)
	return stmt, err
}

// CheckNamedValue leaves the conversion of arguments to the driver.
func (c *countingConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.fullConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *countingConn) count(err error) {
	if !errors.Is(err, driver.ErrSkip) { // the driver passed: database/sql tries in another way
		c.statements.n.Add(1)
	}
}
