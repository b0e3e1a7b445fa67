package servers

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"regexp"

	"github.com/go-sql-driver/mysql"
)

// databaseName is what may stand in a statement without quoting.
var databaseName = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)

// NewDatabase makes an empty database on this MariaDB and returns its URL, mysql://root@127.0.0.1:PORT/name.
// A name that exists, or with other characters than letters, digits and underscore, is an error.
func (s *Server) NewDatabase(ctx context.Context, name string) (string, error) {
	return CreateDatabase(ctx, s.url, name)
}

// CreateDatabase makes an empty database on the server at serverURL (mysql://user:password@host:port/, as in
// KINERJA_TEST_MYSQL), with that server's character set, and returns its URL. A name that exists, or with other characters than letters, digits and underscore,
// is an error.
func CreateDatabase(ctx context.Context, serverURL, name string) (string, error) {
	if !databaseName.MatchString(name) {
		return "", fmt.Errorf("create database %q: the name has other characters than letters, digits and underscore", name)
	}
	address, err := url.Parse(serverURL)
	if err != nil {
		return "", fmt.Errorf("create database %s: %w", name, err)
	}
	err = execute(ctx, serverURL, "CREATE DATABASE `"+name+"`")
	if err != nil {
		return "", fmt.Errorf("create database %s: %w", name, err)
	}
	address.Path = "/" + name
	return address.String(), nil
}

// DropDatabase removes the database that databaseURL names, as CreateDatabase returned it. One that is not there is no error.
func DropDatabase(ctx context.Context, databaseURL string) error {
	address, err := url.Parse(databaseURL)
	if err != nil {
		return fmt.Errorf("drop database: %w", err)
	}
	name := address.Path[min(1, len(address.Path)):]
	if !databaseName.MatchString(name) {
		return fmt.Errorf("drop database %q: not a name that CreateDatabase makes", name)
	}
	address.Path = "/"
	if err := execute(ctx, address.String(), "DROP DATABASE IF EXISTS `"+name+"`"); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

// querier is what *sql.DB offers for one query or statement.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func execute(ctx context.Context, serverURL, statement string) error {
	return withDatabase(serverURL, func(q querier) error {
		_, err := q.ExecContext(ctx, statement)
		return err
	})
}

// withDatabase opens what a mysql:// URL names, for one use.
func withDatabase(address string, use func(querier) error) (err error) {
	config, err := configOf(address)
	if err != nil {
		return err
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() {
		if closeErr := db.Close(); err == nil {
			err = closeErr
		}
	}()
	return use(db)
}

// configOf turns mysql://user:password@host:port/name into the driver's settings. It stands here, not in package store, so
// that store's own tests can use this package.
func configOf(address string) (*mysql.Config, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if parsed.Scheme != "mysql" || parsed.Host == "" {
		return nil, fmt.Errorf("%q is not mysql://user:password@host:port/name", parsed.Redacted())
	}
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", parsed.Host
	config.User = parsed.User.Username()
	config.Passwd, _ = parsed.User.Password()
	config.DBName = parsed.Path[min(1, len(parsed.Path)):]
	config.Logger = &mysql.NopLogger{} // while a server starts, refused connections are expected
	return config, nil
}
