package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// maxConnections of the pool. SQLite takes one writer at a time anyway; one connection spares the waiting on its lock.
var maxConnections = map[string]int{"mysql": 32, "sqlite": 1}

// CheckURL reports what is wrong with a database URL, without connecting. The error holds nothing of the URL but the path of a file.
func CheckURL(address string) error {
	_, _, err := connectorFor(address)
	return err
}

// connectorFor reads the database URL and returns the engine's name and what opens its connections.
func connectorFor(address string) (string, driver.Connector, error) {
	switch {
	case strings.HasPrefix(address, "mysql://"):
		connector, err := mysqlConnector(address)
		return "mysql", connector, err
	case strings.HasPrefix(address, "sqlite:") && address != "sqlite:":
		return "sqlite", sqliteConnector(strings.TrimPrefix(address, "sqlite:")), nil
	default:
		return "", nil, errors.New("database URL must start with mysql:// or sqlite:, such as mysql://user:password@host:3306/kinerja or sqlite:kinerja.db")
	}
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
