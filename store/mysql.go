package store

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// caOption of a database URL names a file of certificates in PEM; the server's must be signed by one of them.
const caOption = "tls-ca"

// mysqlURL is the parts of mysql://user:password@host:3306,host:3306/name?options.
type mysqlURL struct {
	user    *url.Userinfo
	servers []server
	name    string
	options string // as the driver takes them
	ca      string // path, "" for the system's authorities
}

// server is one host with its port.
type server struct{ host, port string }

func (s server) address() string { return net.JoinHostPort(s.host, s.port) }

// readMySQLURL takes a URL apart. Its errors hold nothing of it: a password may stand anywhere in a wrong one.
func readMySQLURL(address string) (mysqlURL, error) {
	rest := strings.TrimPrefix(address, "mysql://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	user, hosts := "", rest[:end]
	if at := strings.LastIndex(hosts, "@"); at >= 0 {
		user, hosts = hosts[:at+1], hosts[at+1:]
	}
	u, err := url.Parse("mysql://" + user + "host" + rest[end:])
	if err != nil {
		return mysqlURL{}, errors.New("database URL cannot be read; an example: mysql://user:password@host:3306/kinerja (write @ : / in the password as %40 %3A %2F)")
	}
	parts := mysqlURL{user: u.User, name: strings.Trim(u.Path, "/")}
	for host := range strings.SplitSeq(hosts, ",") {
		one, err := url.Parse("//" + host)
		if err != nil || one.Hostname() == "" || one.Host != host || strings.Contains(one.Hostname(), ":") && host[0] != '[' {
			return mysqlURL{}, errors.New("database URL needs a host, or several with commas, such as mysql://user:password@host1:3306,host2:3306/kinerja")
		}
		port := one.Port()
		if port == "" {
			port = "3306"
		}
		parts.servers = append(parts.servers, server{host: one.Hostname(), port: port})
	}
	if parts.name == "" {
		return mysqlURL{}, errors.New("database URL needs host and database name, such as mysql://user:password@host:3306/kinerja")
	}
	parts.ca = u.Query().Get(caOption)
	parts.options = strings.Join(slices.DeleteFunc(strings.Split(u.RawQuery, "&"), func(option string) bool {
		return strings.HasPrefix(option, caOption+"=")
	}), "&")
	return parts, nil
}

// mysqlConnector opens connections to the first of the URL's servers that can be written to.
func mysqlConnector(address string) (driver.Connector, error) {
	parts, err := readMySQLURL(address)
	if err != nil {
		return nil, err
	}
	config, err := mysql.ParseDSN("/" + parts.name + "?" + parts.options)
	if err != nil {
		return nil, errors.New("database URL has an option that the driver does not know after the ?")
	}
	if err := trust(config, parts.ca); err != nil {
		return nil, err
	}
	configure(config, parts)
	list := &fleet{inUse: -1, limit: connectLimit / time.Duration(min(len(parts.servers), 3))}
	for _, s := range parts.servers {
		own := config.Clone()
		own.Net, own.Addr = "tcp", s.address()
		if own.TLS != nil {
			own.TLS.ServerName = s.host // the driver has read the options without a host, and would expect 127.0.0.1
		}
		connector, err := mysql.NewConnector(own)
		if err != nil {
			return nil, fmt.Errorf("database URL: %w", err)
		}
		list.members = append(list.members, member{address: s.address(), connector: connector})
	}
	return list, nil
}

// configure sets what is the same for every server.
func configure(config *mysql.Config, parts mysqlURL) {
	config.User = parts.user.Username()
	config.Passwd, _ = parts.user.Password()
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
	config.Params["lock_wait_timeout"] = strconv.Itoa(int(ddlWait.Seconds())) // for a whole table: the servers' own limit is a day, or a year
	config.Logger = silent{}
}

// trust makes the file's certificates the only ones that can vouch for the server. Naming them asks for TLS.
func trust(config *mysql.Config, path string) error {
	if path == "" {
		return nil
	}
	switch config.TLSConfig {
	case "", "true":
	default:
		return fmt.Errorf("database URL names %s, which checks the server's certificate, and tls=%s, which does not: leave the latter out", caOption, config.TLSConfig)
	}
	pem, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("certificates of the database: %w", err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(pem) {
		return fmt.Errorf("certificates of the database: %s holds none in PEM", path)
	}
	config.TLS = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities}
	return nil
}

// silent keeps the driver's own lines, which say nothing an operator could act on, out of the log.
type silent struct{}

// Print drops a line.
func (silent) Print(...any) {}
