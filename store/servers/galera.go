package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// rejoinLimit is how long a node may take to come back: a full copy from another node waits ten seconds before it begins.
const rejoinLimit = 4 * time.Minute

// Cluster is several nodes of MariaDB, kept equal by Galera: each can be written to. More than half of them must run, or all stand
// still. A node that was killed fetches what it missed from the others when it is restarted.
type Cluster struct{ Nodes []*Node }

// Node is one MariaDB of a Cluster.
type Node struct {
	*Server
	first    bool   // it begins the cluster, once
	provider string // the library of Galera
	peers    []string
	group    int // ports
	ist      int
	sst      int
}

// StartCluster starts a private cluster of n MariaDB nodes on free loopback ports, with their files below dir; it returns when all
// are equal and can be written to. The context bounds the start only; end the cluster with Close.
func StartCluster(ctx context.Context, dir string, n int) (*Cluster, error) {
	c := &Cluster{}
	if err := c.start(ctx, dir, n); err != nil {
		return nil, errors.Join(fmt.Errorf("start Galera: %w", err), c.Close())
	}
	return c, nil
}

// start fills the first node, and copies its files to the others, so that they need no copy over the network.
func (c *Cluster) start(ctx context.Context, dir string, n int) error {
	if err := c.prepare(ctx, dir, n); err != nil {
		return err
	}
	first := c.Nodes[0]
	if err := initialiseMariaDB(ctx, first.home); err != nil {
		return err
	}
	if err := first.Restart(ctx); err != nil {
		return err
	}
	if err := first.Stop(); err != nil {
		return err
	}
	for _, node := range c.Nodes[1:] {
		if err := os.CopyFS(node.data(), os.DirFS(first.data())); err != nil {
			return err
		}
	}
	first.first = true
	if err := first.Restart(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, node := range c.Nodes[1:] {
		group.Go(func() error { return node.Restart(ctx) })
	}
	return group.Wait()
}

// prepare makes the folders and settings of all nodes.
func (c *Cluster) prepare(ctx context.Context, dir string, n int) error {
	program, found := MariaDB.Path()
	provider, foundProvider := galeraProvider()
	if !found || !foundProvider {
		return errors.New("no mariadbd in PATH, /usr/sbin or /usr/bin, or no libgalera_smm.so")
	}
	var peers []string
	for i := range n {
		home, err := makeHome(dir, "galera"+strconv.Itoa(i+1))
		if err != nil {
			return err
		}
		ports, err := freePorts(ctx, 4)
		if err != nil {
			return err
		}
		server := &Server{name: "MariaDB", home: home, port: ports[0], ready: galeraReady, limit: rejoinLimit}
		server.url = "mysql://root@" + server.Addr() + "/"
		node := &Node{Server: server, first: i == 0, provider: provider, group: ports[1], ist: ports[2], sst: ports[3]}
		server.command = append([]string{program}, node.options()...)
		server.more = node.position
		c.Nodes = append(c.Nodes, node)
		peers = append(peers, "127.0.0.1:"+strconv.Itoa(node.group))
	}
	for i, node := range c.Nodes {
		node.peers = peers
		if err := node.configure(i + 1); err != nil {
			return err
		}
	}
	return nil
}

// Close stops all nodes and removes everything they wrote.
func (c *Cluster) Close() error {
	var failures []error
	for _, node := range c.Nodes {
		failures = append(failures, node.Kill(), os.RemoveAll(node.home)) // nobody will read the files
	}
	return errors.Join(failures...)
}

// Forget takes away all data of a node that does not run: it will fetch a full copy from another node when it is restarted.
func (n *Node) Forget() error {
	if n.PID() != 0 {
		return errors.New("forget: the node runs")
	}
	return errors.Join(os.RemoveAll(n.data()), os.Mkdir(n.data(), 0o700))
}

func (n *Node) data() string { return filepath.Join(n.home, "data") }

// options are those that must stand on the command line.
func (n *Node) options() []string {
	options := []string{"--defaults-file=" + filepath.Join(n.home, "my.cnf")} // no setting of this machine may change a test
	if os.Geteuid() == 0 {
		options = append(options, "--user=root") // see filesOfMariaDB
	}
	return options
}

// configure writes the settings. They stand in a file, because the script that copies a node reads that too.
func (n *Node) configure(number int) error {
	if err := os.Mkdir(filepath.Join(n.home, "tmp"), 0o700); err != nil {
		return err
	}
	settings := []string{
		"[mysqld]",
		"datadir=" + n.data(), "tmpdir=" + filepath.Join(n.home, "tmp"), "socket=server.sock", "pid-file=server.pid",
		"bind-address=127.0.0.1", "port=" + strconv.Itoa(n.port), "skip-name-resolve", "character-set-server=utf8mb4",
		"max-connections=500", "innodb-buffer-pool-size=64M", "innodb-log-file-size=16M", "performance-schema=OFF",
		// What a killed node had not on its disk yet, the others have.
		"innodb-flush-log-at-trx-commit=0", "innodb-flush-method=nosync", "sync-frm=0",
		"binlog-format=ROW", "innodb-autoinc-lock-mode=2",
		"wsrep-on=ON", "wsrep-provider=" + n.provider, "wsrep-cluster-name=kinerja", "wsrep-node-name=node" + strconv.Itoa(number),
		"wsrep-cluster-address=gcomm://" + strings.Join(n.peers, ","), "wsrep-node-address=127.0.0.1",
		"wsrep-sst-method=mariabackup", "wsrep-sst-auth=root:", "wsrep-sst-receive-address=127.0.0.1:" + strconv.Itoa(n.sst),
		fmt.Sprintf("wsrep-provider-options=\"gmcast.listen_addr=tcp://127.0.0.1:%d;ist.recv_addr=127.0.0.1:%d;gcache.size=64M\"", n.group, n.ist),
		"[sst]", "sst-syslog=-1", "sst-log-archive=0", "",
	}
	return os.WriteFile(filepath.Join(n.home, "my.cnf"), []byte(strings.Join(settings, "\n")), 0o600)
}

var recovered = regexp.MustCompile(`Recovered position:? ([0-9a-f-]{36}:-?\d+)`)

// position finds out what the node has, as a start script does: else a node that was killed would need a full copy.
func (n *Node) position(ctx context.Context) ([]string, error) {
	if n.first {
		n.first = false
		return []string{"--wsrep-new-cluster"}, nil
	}
	if _, err := os.Stat(filepath.Join(n.data(), "mysql")); err != nil {
		return nil, nil //nolint:nilerr // it has nothing
	}
	cmd := exec.CommandContext(ctx, n.command[0], append(n.options(), "--wsrep-recover")...)
	cmd.Dir = n.home
	output, err := cmd.CombinedOutput()
	found := recovered.FindSubmatch(output)
	if found == nil {
		return nil, fmt.Errorf("find the position of a node: %w\n%s", err, bytes.TrimSpace(output))
	}
	return []string{"--wsrep-start-position=" + string(found[1])}, nil
}

// galeraProvider finds the library.
func galeraProvider() (path string, found bool) {
	for _, pattern := range []string{"/usr/lib/galera*/libgalera_smm.so", "/usr/lib/*/galera*/libgalera_smm.so", "/usr/lib64/galera*/libgalera_smm.so"} {
		if paths, err := filepath.Glob(pattern); err == nil && len(paths) > 0 {
			return paths[0], true
		}
	}
	return "", false
}

// galeraReady is nil when our node has all that the cluster has and can be written to.
func galeraReady(ctx context.Context, s *Server, pid int) error {
	if err := mariadbReady(ctx, s, pid); err != nil {
		return err
	}
	return withDatabase(s.url, func(q querier) error {
		for name, want := range map[string]string{"wsrep_ready": "ON", "wsrep_local_state_comment": "Synced"} {
			var state string
			if err := q.QueryRowContext(ctx, "SHOW STATUS LIKE '"+name+"'").Scan(&name, &state); err != nil {
				return err
			}
			if state != want {
				return fmt.Errorf("%s is %s", name, state)
			}
		}
		return nil
	})
}
