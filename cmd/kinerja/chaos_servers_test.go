package main

import (
	"context"
	"database/sql"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"

	"kinerja/store/servers"
)

// backing is what the processes keep everything in, and the ways in which it falls over.
type backing interface {
	// settings are the addresses for a process, by its number from 0. They lead through proxies where connections can be cut.
	settings(process int) []string
	// url is the database for the test itself, past the proxies, and connect is how it reaches that without a store between.
	url() string
	connect() *sql.DB
	// each is every database server by itself, and busy is one that a process works with.
	each() []*sql.DB
	busy(ctx context.Context, f *faults) *sql.DB
	// inTime is the order in which rows of the audit came to be.
	inTime() string
	kinds(f *faults) []kind
}

// single is one MariaDB and one Redis.
type single struct {
	world    *chaosWorld
	mariadb  *servers.Server
	redis    *servers.Server
	toMySQL  *servers.Proxy
	toRedis  *servers.Proxy
	database string
	own      *redis.Client // past the proxy
}

// startSingle starts a MariaDB and a Redis that may be killed. Nobody else uses them.
func startSingle(w *chaosWorld) *single {
	ctx, folder, s := context.Background(), w.t.TempDir(), &single{world: w}
	var err error
	s.mariadb, err = servers.StartMariaDB(ctx, folder, servers.Durable())
	w.must("start MariaDB", err)
	w.atEnd("close MariaDB", s.mariadb.Close)
	s.redis, err = servers.StartRedis(ctx, folder)
	w.must("start Redis", err)
	w.atEnd("close Redis", s.redis.Close)
	s.toMySQL, err = servers.NewProxy(ctx, s.mariadb.Addr())
	w.must("start a proxy", err)
	w.atEnd("close the proxy", s.toMySQL.Close)
	s.toRedis, err = servers.NewProxy(ctx, s.redis.Addr())
	w.must("start a proxy", err)
	w.atEnd("close the proxy", s.toRedis.Close)
	s.database, err = s.mariadb.NewDatabase(ctx, "kinerja")
	w.must("make the database", err)
	s.own = redis.NewClient(&redis.Options{Addr: s.redis.Addr()})
	w.atEnd("close the client of Redis", s.own.Close)
	return s
}

func (s *single) settings(int) []string {
	return []string{"DATABASE_URL=mysql://root@" + s.toMySQL.Addr() + "/kinerja", "REDIS_URL=redis://" + s.toRedis.Addr() + "/0"}
}

func (s *single) url() string { return s.database }

func (s *single) connect() *sql.DB { return openDatabase(s.world, s.mariadb.Addr(), nil) }

func (s *single) each() []*sql.DB { return []*sql.DB{s.world.raw} }

func (s *single) busy(context.Context, *faults) *sql.DB { return s.world.raw }

func (s *single) inTime() string { return "id" }

func (s *single) kinds(f *faults) []kind {
	return []kind{
		{"Redis emptied", 10, func(ctx context.Context) (int, error) { return 1, s.own.FlushAll(ctx).Err() }},
		{"Redis killed and restarted", 4, func(ctx context.Context) (int, error) { return 1, f.restart(ctx, s.redis) }},
		{"Redis connections cut", 8, func(context.Context) (int, error) { return min(1, s.toRedis.Cut()), nil }},
		{"MariaDB killed (-9) and restarted", 4, func(ctx context.Context) (int, error) { return 1, f.restart(ctx, s.mariadb) }},
		{"MariaDB connections cut", 12, func(context.Context) (int, error) { return min(1, s.toMySQL.Cut()), nil }},
	}
}

// configOf names the city's database on one server, with what each session begins with.
func configOf(address string, session map[string]string) *mysql.Config {
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.DBName, config.Logger, config.Params = "tcp", address, "root", "kinerja", &mysql.NopLogger{}, session
	return config
}

// openDatabase opens the city's database on one server.
func openDatabase(w *chaosWorld, address string, session map[string]string) *sql.DB {
	w.t.Helper()
	connector, err := mysql.NewConnector(configOf(address, session))
	w.must("open the database", err)
	db := sql.OpenDB(connector)
	w.atEnd("close the database", db.Close)
	return db
}
