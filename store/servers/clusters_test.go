package servers

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestANodeOfGaleraComesBackAfterAKillAndAfterItLostEverything(t *testing.T) {
	need(t, Galera)
	dir := t.TempDir()
	c, err := StartCluster(t.Context(), dir, 3)
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	database, err := c.Nodes[0].NewDatabase(t.Context(), "kinerja")
	check(t, err)
	remember(t, database, "satu")
	last := c.Nodes[2]

	check(t, last.Kill())
	check(t, execute(t.Context(), database, "UPDATE words SET word = 'dua'"))
	check(t, last.Restart(t.Context()))
	if got := recall(t, last.URL()+"kinerja"); got != "dua" {
		t.Errorf("after the kill the word is %q", got)
	}

	check(t, last.Kill())
	check(t, last.Forget())
	check(t, execute(t.Context(), database, "UPDATE words SET word = 'tiga'"))
	check(t, last.Restart(t.Context()))
	if got := recall(t, last.URL()+"kinerja"); got != "tiga" {
		t.Errorf("after all was lost the word is %q", got)
	}

	check(t, c.Close())
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

func TestARedisClusterGoesOnWithoutAMasterAndBecomesWholeAgain(t *testing.T) {
	need(t, Redis)
	c, err := StartRedisCluster(t.Context(), t.TempDir())
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	masters := c.Masters(t.Context())
	if len(masters) != redisMasters {
		t.Fatalf("%d masters", len(masters))
	}

	check(t, masters[0].Kill())
	check(t, until(t.Context(), func() error {
		if len(c.Masters(t.Context())) != redisMasters {
			return errors.New("nobody has taken over")
		}
		return nil
	}))
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: strings.Split(strings.TrimPrefix(c.URL(), "redis-cluster://"), ",")})
	t.Cleanup(func() { check(t, client.Close()) })
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} { // of all three masters
		// The nodes hear of the new master one after another, and the client asks any of them.
		check(t, until(t.Context(), func() error {
			client.ReloadState(t.Context())
			return client.Set(t.Context(), key, "page", 0).Err()
		}))
	}
	check(t, masters[0].Restart(t.Context()))
	check(t, until(t.Context(), func() error { return c.Whole(t.Context()) }))
	check(t, c.Empty(t.Context()))
	if err := client.Get(t.Context(), "a").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("a key of the emptied cluster: %v", err)
	}
}
