package servers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	redisMasters = 3
	redisSlots   = 16384
	// redisSilence is after what time the others take a node for dead, and its replica begins to take over.
	redisSilence = 2 * time.Second
)

// RedisCluster is three masters with a third of the keys each, and a replica of each.
type RedisCluster struct{ Nodes []*Server }

// URL is how the program's own settings name this cluster.
func (c *RedisCluster) URL() string {
	var addresses []string
	for _, node := range c.Nodes {
		addresses = append(addresses, node.Addr())
	}
	return "redis-cluster://" + strings.Join(addresses, ",")
}

// StartRedisCluster starts a private Redis Cluster of six nodes on free loopback ports, without persistence, with its files below
// dir; it returns when every slot is served and every master has its replica. The context bounds the start only; end the cluster
// with Close.
func StartRedisCluster(ctx context.Context, dir string) (*RedisCluster, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*startLimit)
	defer cancel()
	c := &RedisCluster{}
	if err := c.start(ctx, dir); err != nil {
		return nil, errors.Join(fmt.Errorf("start Redis Cluster: %w", err), c.Close())
	}
	return c, nil
}

func (c *RedisCluster) start(ctx context.Context, dir string) error {
	var buses []int // ports on which the nodes talk
	for i := range 2 * redisMasters {
		node, bus, err := startRedisNode(ctx, dir, i+1)
		if err != nil {
			return err
		}
		c.Nodes, buses = append(c.Nodes, node), append(buses, bus)
	}
	for i := range redisMasters {
		from, to := i*redisSlots/redisMasters, (i+1)*redisSlots/redisMasters-1
		if err := c.do(ctx, i, "CLUSTER", "ADDSLOTSRANGE", from, to); err != nil {
			return err
		}
	}
	for i, node := range c.Nodes[1:] {
		if err := c.do(ctx, 0, "CLUSTER", "MEET", "127.0.0.1", node.port, buses[i+1]); err != nil {
			return err
		}
	}
	for i := range redisMasters {
		if err := c.follow(ctx, redisMasters+i, i); err != nil {
			return err
		}
	}
	return until(ctx, func() error { return c.Whole(ctx) })
}

func startRedisNode(ctx context.Context, dir string, number int) (*Server, int, error) {
	program, found := Redis.Path()
	if !found {
		return nil, 0, errors.New("no redis-server in PATH, /usr/sbin or /usr/bin")
	}
	home, err := makeHome(dir, "redis"+strconv.Itoa(number))
	if err != nil {
		return nil, 0, err
	}
	ports, err := freePorts(ctx, 2)
	if err != nil {
		return nil, 0, err
	}
	s := &Server{name: "Redis", home: home, port: ports[0], ready: redisReady}
	s.url = "redis://" + s.Addr() + "/0"
	s.command = []string{
		program, "--port", strconv.Itoa(ports[0]), "--bind", "127.0.0.1", "--dir", home, "--save", "", "--appendonly", "no", "--daemonize", "no",
		"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(ports[1]), "--cluster-node-timeout", strconv.FormatInt(redisSilence.Milliseconds(), 10),
		"--repl-diskless-sync-delay", "0",
	}
	return s, ports[1], s.start(ctx)
}

// follow makes one node the replica of another, as soon as they know each other.
func (c *RedisCluster) follow(ctx context.Context, replica, master int) error {
	var id string
	err := c.with(master, func(client *redis.Client) (err error) {
		id, err = client.ClusterMyID(ctx).Result()
		return err
	})
	if err != nil {
		return err
	}
	return until(ctx, func() error { return c.do(ctx, replica, "CLUSTER", "REPLICATE", id) })
}

// Whole is nil when every node that runs sees every slot served and every node alive, and each master has a replica that is up to date.
func (c *RedisCluster) Whole(ctx context.Context) error {
	for i := range c.Nodes {
		if err := c.wholeFor(ctx, i); err != nil {
			return fmt.Errorf("node %d: %w", i+1, err)
		}
	}
	return nil
}

func (c *RedisCluster) wholeFor(ctx context.Context, i int) error {
	return c.with(i, func(client *redis.Client) error {
		info, err := client.ClusterInfo(ctx).Result()
		if err != nil {
			return err
		}
		nodes, err := client.ClusterNodes(ctx).Result()
		if err != nil {
			return err
		}
		replication, err := client.Info(ctx, "replication").Result()
		switch {
		case err != nil:
			return err
		case !strings.Contains(info, "cluster_state:ok"), !strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", len(c.Nodes))),
			strings.Contains(nodes, "fail"), strings.Contains(nodes, "handshake"):
			return errors.New("the cluster is not whole")
		case strings.Contains(replication, "role:master") && !strings.Contains(replication, "connected_slaves:1"),
			strings.Contains(replication, "role:slave") && !strings.Contains(replication, "master_link_status:up"):
			return errors.New("a replica is not up to date")
		}
		return nil
	})
}

// Masters are the nodes that hold keys now; which they are changes when one is killed.
func (c *RedisCluster) Masters(ctx context.Context) []*Server {
	var masters []*Server
	for i, node := range c.Nodes {
		if node.PID() == 0 {
			continue
		}
		_ = c.with(i, func(client *redis.Client) error { // one that does not answer is no master now
			replication, err := client.Info(ctx, "replication").Result()
			if err == nil && strings.Contains(replication, "role:master") {
				masters = append(masters, node)
			}
			return err
		})
	}
	return masters
}

// Empty takes away all keys.
func (c *RedisCluster) Empty(ctx context.Context) error {
	var failures []error
	for _, master := range c.Masters(ctx) {
		client := redis.NewClient(&redis.Options{Addr: master.Addr(), DisableIdentity: true})
		failures = append(failures, client.FlushAll(ctx).Err(), client.Close())
	}
	return errors.Join(failures...)
}

// Close stops all nodes and removes everything they wrote.
func (c *RedisCluster) Close() error {
	var failures []error
	for _, node := range c.Nodes {
		failures = append(failures, node.Close())
	}
	return errors.Join(failures...)
}

func (c *RedisCluster) do(ctx context.Context, i int, command ...any) error {
	return c.with(i, func(client *redis.Client) error { return client.Do(ctx, command...).Err() })
}

func (c *RedisCluster) with(i int, use func(*redis.Client) error) (err error) {
	client := redis.NewClient(&redis.Options{Addr: c.Nodes[i].Addr(), MaxRetries: -1, DisableIdentity: true})
	defer func() { err = errors.Join(err, client.Close()) }()
	return use(client)
}

// until tries again until it works or ctx ends.
func until(ctx context.Context, try func() error) error {
	again := time.NewTicker(5 * retryEvery)
	defer again.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-again.C:
		}
	}
}
