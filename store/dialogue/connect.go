package dialogue

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// ErrURL says that a Redis URL cannot be read; it carries examples.
var ErrURL = errors.New(`the URL of Redis must be one of:
  redis://:password@host:6379/0                              one server (rediss:// with TLS)
  redis-sentinel://:password@host1:26379,host2:26379/master  Sentinel, with the name of the master
  redis-cluster://:password@host1:6379,host2:6379            Cluster
  embedded:                                                  inside the process, for a demo`)

// Connect opens the Redis at address; see ErrURL for the forms. close ends it and is never nil when err is nil.
// It does not reach out yet: the first command does.
func Connect(address string) (client redis.UniversalClient, shut func() error, err error) {
	if address == "embedded:" {
		return embedded()
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, nil, ErrURL
	}
	options := &redis.UniversalOptions{Addrs: strings.Split(u.Host, ",")}
	options.Username = u.User.Username()
	options.Password, _ = u.User.Password()
	switch u.Scheme {
	case "redis", "rediss":
		single, err := redis.ParseURL(address)
		if err != nil {
			return nil, nil, ErrURL
		}
		client = redis.NewClient(single)
		return client, client.Close, nil
	case "redis-sentinel":
		options.MasterName = strings.Trim(u.Path, "/")
		options.SentinelPassword = u.Query().Get("sentinel_password")
		if options.DB, err = strconv.Atoi(defaultTo(u.Query().Get("db"), "0")); err != nil || options.MasterName == "" {
			return nil, nil, ErrURL
		}
	case "redis-cluster":
		client = redis.NewClusterClient(withFreshMap(options.Cluster()))
		return client, client.Close, nil
	default:
		return nil, nil, ErrURL
	}
	client = redis.NewUniversalClient(options)
	return client, client.Close, nil
}

// mapLife is how long the client may go on with its map of the cluster while it finds nobody at an address.
const mapLife = time.Second

// withFreshMap lets the client ask again soon who serves what. It does so by itself only when a node tells it that it is wrong; a master
// that is dead tells nothing, and by default a third of all people would wait for a minute though a replica took over long ago.
func withFreshMap(options *redis.ClusterOptions) *redis.ClusterOptions {
	options.ClusterStateReloadInterval = mapLife
	return options
}

func defaultTo(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// embedded starts a Redis inside the process. What it holds is gone with the process, which positions are made for.
func embedded() (redis.UniversalClient, func() error, error) {
	server, err := miniredis.Run()
	if err != nil {
		return nil, nil, fmt.Errorf("start embedded redis: %w", err)
	}
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	return client, func() error {
		defer server.Close()
		return client.Close()
	}, nil
}
