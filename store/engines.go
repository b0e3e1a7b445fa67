package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// maxConnections of the pool. SQLite takes one writer at a time anyway; one connection spares the waiting on its lock.
var maxConnections = map[string]int{"mysql": 32, "sqlite": 1}

// connectorFor reads the database URL and returns the engine's name and what opens its connections.
func connectorFor(address string) (string, driver.Connector, error) {
	switch {
	case strings.HasPrefix(address, "mysql://"):
		connector, err := mysqlConnector(address)
		return "mysql", connector, err
	case strings.HasPrefix(address, "sqlite:"):
		return "sqlite", sqliteConnector(strings.TrimPrefix(address, "sqlite:")), nil
	default:
		return "", nil, errors.New("database URL must start with mysql:// or sqlite:, such as mysql://user:password@host:3306/kinerja or sqlite:kinerja.db")
	}
}

func mysqlConnector(address string) (driver.Connector, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("database URL cannot be read; an example: mysql://user:password@host:3306/kinerja (write @ : / in the password as %40 %3A %2F)")
	}
	name := strings.Trim(u.Path, "/")
	if u.Host == "" || name == "" {
		return nil, errors.New("database URL needs host and database name, such as mysql://user:password@host:3306/kinerja")
	}
	config, err := mysql.ParseDSN("/" + name + "?" + u.RawQuery)
	if err != nil {
		return nil, errors.New("database URL has an option that the driver does not know after the ?")
	}
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.Net, config.Addr = "tcp", u.Host
	if u.Port() == "" {
		config.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	config.ParseTime, config.Loc = true, time.UTC
	config.InterpolateParams = true // one round trip a statement instead of three
	config.ClientFoundRows = true   // an update that changes nothing still tells that it found its row
	config.Collation = "utf8mb4_unicode_ci"
	if config.Timeout == 0 {
		config.Timeout, config.ReadTimeout, config.WriteTimeout = 5*time.Second, 30*time.Second, 30*time.Second
	}
	if config.Params == nil {
		config.Params = map[string]string{}
	}
	config.Params["time_zone"] = "'+00:00'"
	config.Params["innodb_lock_wait_timeout"] = "10"
	config.Logger = silent{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	return readCommitted{connector}, nil
}

// silent keeps the driver's own lines, which say nothing an operator could act on, out of the log.
type silent struct{}

// Print drops a line.
func (silent) Print(...any) {}

// readCommitted sets the isolation of each new connection. Decisions rest on rows that are locked explicitly;
// the default, repeatable read, would add gap locks, and with them deadlocks between people who have nothing to do with each other.
// MySQL and MariaDB name the variable differently, the statement is the same.
type readCommitted struct{ driver.Connector }

// Connect opens a connection with the isolation set.
func (c readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("MySQL driver cannot execute"), conn.Close())
	}
	if _, err := execer.ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// sqliteOpener opens connections to one SQLite file.
type sqliteOpener struct {
	driver *sqlite.Driver
	dsn    string
}

func sqliteConnector(path string) driver.Connector {
	// _txlock=immediate: a transaction takes the write lock at its start, so it never fails half way for having only read so far.
	options := "_txlock=immediate&_time_format=sqlite&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return &sqliteOpener{driver: &sqlite.Driver{}, dsn: path + separator + options}
}

// Connect opens the file.
func (o *sqliteOpener) Connect(context.Context) (driver.Conn, error) { return o.driver.Open(o.dsn) }

// Driver is that of the file.
func (o *sqliteOpener) Driver() driver.Driver { return o.driver }

func dialectorFor(engine string, pool *sql.DB) gorm.Dialector {
	if engine == "sqlite" {
		return sqliteDialector{pool: pool}
	}
	// MariaDB knows only the older LOCK IN SHARE MODE, which MySQL 8 takes too.
	return gormmysql.New(gormmysql.Config{Conn: pool, SkipInitializeWithVersion: true, DontSupportForShareClause: true})
}

// sqliteBusy reports that another process held the file for longer than the busy timeout.
func sqliteBusy(err error) bool {
	var coded *sqlite.Error
	if !errors.As(err, &coded) {
		return false
	}
	primary := coded.Code() & 0xff
	return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
}

// lostConnection reports that the database went away in the middle of a conversation with it.
func lostConnection(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNREFUSED) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.As(err, &network)
}
