package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"kinerja/store/servers"
)

// TestChaosCluster is the long form on a Galera cluster of three nodes and a Redis Cluster of six. Each process writes to a node of
// its own until that is killed.
func TestChaosCluster(t *testing.T) {
	if os.Getenv("CHAOS") != "cluster" {
		t.Skip("it takes many minutes: run `make cluster`")
	}
	seed, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	if err != nil {
		t.Fatalf("SEED is not a number: %v", err)
	}
	t.Run("webhook", func(t *testing.T) {
		undergo(t, ordeal{seed: seed, cluster: true, unit: "KOTA", updates: 2_000, faults: 60, every: 40})
	})
	t.Run("polling", func(t *testing.T) {
		undergo(t, ordeal{seed: seed, cluster: true, polling: true, unit: "DINKES", updates: 300, faults: 10, every: 40})
	})
}

// nodes is how many databases there are. One may be away: two are more than half.
const nodes = 3

// clusters is a database of several nodes that are all written to, and a Redis of several.
type clusters struct {
	world   *chaosWorld
	galera  *servers.Cluster
	redis   *servers.RedisCluster
	proxies []*servers.Proxy // to each node of the database
	own     []*sql.DB        // past them
}

func startClusters(w *chaosWorld) *clusters {
	ctx, folder, c := context.Background(), w.t.TempDir(), &clusters{world: w}
	var err error
	c.galera, err = servers.StartCluster(ctx, folder, nodes)
	w.must("start Galera", err)
	w.atEnd("close Galera", c.galera.Close)
	c.redis, err = servers.StartRedisCluster(ctx, folder)
	w.must("start Redis Cluster", err)
	w.atEnd("close Redis Cluster", c.redis.Close)
	_, err = c.galera.Nodes[0].NewDatabase(ctx, "kinerja")
	w.must("make the database", err)
	for _, node := range c.galera.Nodes {
		proxy, err := servers.NewProxy(ctx, node.Addr())
		w.must("start a proxy", err)
		w.atEnd("close the proxy", proxy.Close)
		c.proxies = append(c.proxies, proxy)
		c.own = append(c.own, openDatabase(w, node.Addr(), nil))
	}
	return c
}

// settings let each process begin with a node of its own.
func (c *clusters) settings(process int) []string {
	var hosts []string
	for i := range c.proxies {
		hosts = append(hosts, c.proxies[(process+i)%len(c.proxies)].Addr())
	}
	return []string{"DATABASE_URL=mysql://root@" + strings.Join(hosts, ",") + "/kinerja", "REDIS_URL=" + c.redis.URL()}
}

func (c *clusters) url() string {
	var hosts []string
	for _, node := range c.galera.Nodes {
		hosts = append(hosts, node.Addr())
	}
	return "mysql://root@" + strings.Join(hosts, ",") + "/kinerja"
}

// connect reaches any node that runs. What is read there is all that was written anywhere before.
func (c *clusters) connect() *sql.DB {
	var all anyNode
	for _, node := range c.galera.Nodes {
		connector, err := mysql.NewConnector(configOf(node.Addr(), map[string]string{"wsrep_sync_wait": "15"}))
		c.world.must("open the database", err)
		all = append(all, connector)
	}
	db := sql.OpenDB(all)
	c.world.atEnd("close the database", db.Close)
	return db
}

func (c *clusters) each() []*sql.DB { return c.own }

// inTime is by the clock of the processes, which is one: each node counts its ids by itself.
func (c *clusters) inTime() string { return "at, id" }

func (c *clusters) kinds(f *faults) []kind {
	return []kind{
		{"Redis Cluster emptied", 6, func(ctx context.Context) (int, error) { return 1, c.redis.Empty(ctx) }},
		{"Redis master killed and restarted", 8, func(ctx context.Context) (int, error) { return c.killMaster(ctx, f) }},
		{"database node killed (-9) and rejoined", 8, func(ctx context.Context) (int, error) {
			return 1, c.rejoin(ctx, f, c.galera.Nodes[f.random.IntN(nodes)])
		}},
		{"database node in use killed and rejoined", 8, func(ctx context.Context) (int, error) { return 1, c.rejoin(ctx, f, c.galera.Nodes[c.inUse(ctx, f)]) }},
		{"database node lost with its data", 2, func(ctx context.Context) (int, error) { return 1, c.lose(ctx, c.galera.Nodes[c.inUse(ctx, f)]) }},
		{"database connections cut", 12, func(ctx context.Context) (int, error) { return min(1, c.proxies[c.inUse(ctx, f)].Cut()), nil }},
	}
}

// killMaster lets a master be away until its replica has taken over, or not as long. Everything is whole when it returns.
func (c *clusters) killMaster(ctx context.Context, f *faults) (int, error) {
	masters := c.redis.Masters(ctx)
	if len(masters) == 0 {
		return 0, errors.New("no Redis is a master")
	}
	master := masters[f.random.IntN(len(masters))]
	if err := master.Kill(); err != nil {
		return 0, err
	}
	if err := f.away(ctx, 6*time.Second); err != nil {
		return 1, err
	}
	if err := master.Restart(ctx); err != nil {
		return 1, err
	}
	return 1, c.world.insist(ctx, func() error { return c.redis.Whole(ctx) })
}

// rejoin lets a node be away for a moment. It has what it missed when it returns.
func (c *clusters) rejoin(ctx context.Context, f *faults, node *servers.Node) error {
	if err := node.Kill(); err != nil {
		return err
	}
	if err := f.away(ctx, 3*time.Second); err != nil {
		return err
	}
	return node.Restart(ctx)
}

// lose takes a node and its disk away. Another one copies everything to it.
func (c *clusters) lose(ctx context.Context, node *servers.Node) error {
	if err := node.Kill(); err != nil {
		return err
	}
	if err := node.Forget(); err != nil {
		return err
	}
	return node.Restart(ctx)
}

// ownSessions is how many connections to one node the test itself may have.
const ownSessions = 3

// inUse is the number of a node that a process works with: it has more connections than the test itself.
func (c *clusters) inUse(ctx context.Context, f *faults) int {
	var busy []int
	for i, db := range c.own {
		var sessions int
		const count = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'root' AND db = 'kinerja'"
		if db.QueryRowContext(ctx, count).Scan(&sessions) == nil && sessions > ownSessions {
			busy = append(busy, i)
		}
	}
	if len(busy) == 0 {
		return f.random.IntN(nodes)
	}
	return busy[f.random.IntN(len(busy))]
}

func (c *clusters) busy(ctx context.Context, f *faults) *sql.DB { return c.own[c.inUse(ctx, f)] }

// anyNode opens connections to the first node that takes part in the cluster.
type anyNode []driver.Connector

// Connect tries one node after the other.
func (a anyNode) Connect(ctx context.Context) (driver.Conn, error) {
	var failures []error
	for _, connector := range a {
		conn, err := connector.Connect(ctx)
		if err == nil {
			if err = takesPart(ctx, conn); err == nil {
				return conn, nil
			}
			err = errors.Join(err, conn.Close())
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// Driver is that of each node.
func (a anyNode) Driver() driver.Driver { return a[0].Driver() }

// takesPart is nil when a node is one of the cluster: else it refuses every statement that reads a table.
func takesPart(ctx context.Context, conn driver.Conn) (err error) {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "SELECT 1 FROM information_schema.schemata", nil)
	if err != nil {
		return err
	}
	return rows.Close()
}
