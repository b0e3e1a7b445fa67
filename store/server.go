package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Server is what an operator should know of the server behind the records.
type Server struct {
	Name     string        // MariaDB, MySQL or SQLite
	Version  string        // as it says itself, up to the first sign that is none of a version
	TooOld   bool          // nothing here was tried with it
	Now      time.Time     // by its clock, in UTC; zero for SQLite, which has none of its own
	Zone     time.Duration // by which the session's local time is ahead of UTC; anything but 0 would shift times
	Database string
	Charset  string // with which tables would be made that name none; "" for SQLite
}

// oldest is the first version that is promised to work, by server.
var oldest = map[string][]int{"MariaDB": {10, 6}, "MySQL": {8, 0}} //nolint:gochecknoglobals // a constant table

// Server asks the database server about itself.
func (s *Store) Server(ctx context.Context) (Server, error) {
	if s.engine == "sqlite" {
		server := Server{Name: "SQLite"}
		err := s.sql.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&server.Version)
		return server, wrapped("ask database", err)
	}
	server, zone, version := Server{Name: "MySQL"}, 0, ""
	err := s.sql.QueryRowContext(ctx, "SELECT VERSION(), UTC_TIMESTAMP(6), TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW()), DATABASE(), @@character_set_database").
		Scan(&version, &server.Now, &zone, &server.Database, &server.Charset)
	if err != nil {
		return Server{}, wrapped("ask database", err)
	}
	if strings.Contains(strings.ToLower(version), "mariadb") {
		server.Name, version = "MariaDB", strings.TrimPrefix(version, "5.5.5-") // which MariaDB puts before it for old clients
	}
	end := strings.IndexFunc(version, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		version = version[:end]
	}
	server.Version, server.TooOld, server.Zone = version, older(version, oldest[server.Name]), time.Duration(zone)*time.Second
	return server, nil
}

// older reports whether a version comes before another. What is no version is not older.
func older(version string, than []int) bool {
	var parts []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return false
		}
		parts = append(parts, n)
	}
	return slices.Compare(parts, than) < 0
}

func wrapped(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// otherText are the tables that keep texts otherwise than the migrations say: words["mysql"]. goose_lock is made by goose, for a host's name.
const otherText = "SELECT t.table_name FROM information_schema.tables AS t WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND t.table_name <> 'goose_lock' " +
	"AND (t.table_collation <> 'utf8mb4_bin' OR EXISTS (SELECT 1 FROM information_schema.columns AS c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name " +
	"AND c.collation_name IS NOT NULL AND c.collation_name <> 'utf8mb4_bin' AND NOT (c.collation_name = 'utf8mb4_unicode_ci' AND c.column_type = 'varchar(200)'))) ORDER BY 1"

// TablesWithOtherText lists the tables whose character set or collation is not that of the migrations: there an emoji is refused, or names and keys
// are compared in another way. SQLite knows one only.
func (s *Store) TablesWithOtherText(ctx context.Context) (tables []string, err error) {
	if s.engine == "sqlite" {
		return nil, nil
	}
	rows, err := s.sql.QueryContext(ctx, otherText)
	if err != nil {
		return nil, wrapped("look at character sets", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, wrapped("look at character sets", err)
		}
		tables = append(tables, table)
	}
	return tables, wrapped("look at character sets", rows.Err())
}

// Trouble is why the database cannot be used, for who can do something about it.
type Trouble string

// The troubles.
const (
	NoAnswer    Trouble = "no_answer"   // nothing listens there, or it takes too long
	Denied      Trouble = "denied"      // user, password or rights
	NoDatabase  Trouble = "no_database" // the server has none of this name
	ReadOnly    Trouble = "read_only"
	Untrusted   Trouble = "untrusted" // its certificate
	OtherReason Trouble = "other"
)

// TroubleOf says which one an error means.
func TroubleOf(err error) Trouble {
	var (
		numbered    *mysql.MySQLError
		refused     refusal
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &refused):
		return ReadOnly
	case errors.As(err, &certificate):
		return Untrusted
	case errors.As(err, &numbered):
		return troubleOfNumber(numbered.Number)
	case lostConnection(err), errors.Is(err, context.DeadlineExceeded):
		return NoAnswer
	default:
		return OtherReason
	}
}

func troubleOfNumber(number uint16) Trouble {
	switch number {
	case 1044, 1045, 1142, 1698: // of the database, of the user, of a table, of a socket only
		return Denied
	case 1049:
		return NoDatabase
	case mysqlOption, mysqlReadOnlyMode:
		return ReadOnly
	default:
		return OtherReason
	}
}
