package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Option changes how a MariaDB is started.
type Option func(*mariadbOptions)

type mariadbOptions struct {
	durable bool
	more    []string
}

// Durable makes each commit reach the disk before it is confirmed, so that Kill loses nothing committed. Without it the server
// is faster, and what was committed shortly before a Kill may be lost.
func Durable() Option { return func(o *mariadbOptions) { o.durable = true } }

// With adds arguments for the server, such as --read-only or those of TLS.
func With(arguments ...string) Option {
	return func(o *mariadbOptions) { o.more = append(o.more, arguments...) }
}

// What MySQL 8 does by default and MariaDB does not: so that a statement which only MariaDB takes fails here too.
const (
	mysqlMode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
	noPad     = "utf8mb4_unicode_nopad_ci" // trailing blanks count, as in MySQL's utf8mb4_0900_ai_ci
)

// StartMariaDB initialises and starts a private MariaDB on a free loopback port as the current user, with its files in
// dir/mariadb, with MySQL 8's character set and mode, and an account `root` without password; it returns when the server accepts queries. The context
// bounds the start only; end the server with Stop or Close.
func StartMariaDB(ctx context.Context, dir string, options ...Option) (*Server, error) {
	chosen := mariadbOptions{}
	for _, option := range options {
		option(&chosen)
	}
	s, err := prepareMariaDB(ctx, dir, chosen)
	if err != nil {
		return nil, fmt.Errorf("start MariaDB: %w", err)
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// prepareMariaDB makes the data folder and chooses the port.
func prepareMariaDB(ctx context.Context, dir string, chosen mariadbOptions) (*Server, error) {
	program, found := MariaDB.Path()
	if !found {
		return nil, errors.New("no mariadbd or mysqld in PATH, /usr/sbin or /usr/bin")
	}
	home, err := makeHome(dir, "mariadb")
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(home, "tmp"), 0o700); err != nil {
		return nil, err
	}
	if err := initialiseMariaDB(ctx, home); err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{name: "MariaDB", home: home, port: port, ready: mariadbReady}
	s.url = "mysql://root@" + s.Addr() + "/"
	s.command = append([]string{program}, mariadbArguments(home, port, chosen)...)
	return s, nil
}

func initialiseMariaDB(ctx context.Context, home string) error {
	script, found := lookFor("mariadb-install-db", "mysql_install_db")
	if !found {
		return errors.New("no mariadb-install-db beside the server")
	}
	arguments := append(filesOfMariaDB(home), "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	cmd := exec.CommandContext(ctx, script, arguments...)
	cmd.WaitDelay = stopLimit // the script's own mariadbd may hold the output a little longer
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", script, err, output)
	}
	return nil
}

// filesOfMariaDB are the options that the installing script and the server must share.
func filesOfMariaDB(home string) []string {
	arguments := []string{
		"--no-defaults", // first, or it is not understood: no setting of this machine may change a test
		"--datadir=" + filepath.Join(home, "data"),
		// Of its own: a server that starts removes what others left in its temporary folder, also while they still use it.
		"--tmpdir=" + filepath.Join(home, "tmp"),
		"--innodb-log-file-size=16M",
	}
	if os.Geteuid() == 0 {
		// MariaDB refuses to be root unless told. Another user could not enter a temporary folder that is root's alone, and a
		// change of user would undo Pdeathsig.
		arguments = append(arguments, "--user=root")
	}
	return arguments
}

func mariadbArguments(home string, port int, chosen mariadbOptions) []string {
	arguments := append(filesOfMariaDB(home),
		"--bind-address=127.0.0.1", "--port="+strconv.Itoa(port), "--skip-name-resolve",
		// Relative to datadir: a Unix socket's path has at most 107 bytes, and temporary folders can be deeper.
		"--socket=server.sock", "--pid-file=server.pid",
		"--character-set-server=utf8mb4", "--collation-server="+noPad, "--sql-mode="+mysqlMode, "--skip-log-bin",
		"--max-connections=500", "--innodb-buffer-pool-size=64M", "--performance-schema=OFF",
	)
	arguments = append(arguments, chosen.more...)
	if chosen.durable {
		return append(arguments, "--innodb-flush-log-at-trx-commit=1")
	}
	return append(arguments,
		"--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-flush-method=nosync", "--sync-frm=0")
}

// mariadbReady is nil when the server with our data accepts queries on the port. It asks for the folder: another server may
// have taken the port.
func mariadbReady(ctx context.Context, s *Server, _ int) error {
	return withDatabase(s.url, func(q querier) error {
		var data string
		if err := q.QueryRowContext(ctx, "SELECT @@datadir").Scan(&data); err != nil {
			return err
		}
		if filepath.Clean(data) != filepath.Join(s.home, "data") {
			return fmt.Errorf("another MariaDB answers on %s", s.Addr())
		}
		return nil
	})
}
