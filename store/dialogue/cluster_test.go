package dialogue_test

import (
	"context"
	"testing"
	"time"

	"kinerja/store/dialogue"
	"kinerja/store/servers"
	"kinerja/store/storetest"
)

// By default the client of the cluster asks again who serves what after a minute.
func TestWhenAMasterDiesItsPeopleWaitForItsReplicaAndNotForTheClient(t *testing.T) {
	storetest.Need(t, servers.Redis)
	c, err := servers.StartRedisCluster(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	client, shut, err := dialogue.Connect(c.URL())
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := shut(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	s := dialogue.New(client, "test:")
	const people = 30 // of all three masters
	for person := range int64(people) {
		if err := begin(t, s, person).Commit(t.Context(), dialogue.Position{Page: "menu"}); err != nil {
			t.Fatalf("commit: %v", err)
		}
	}

	if err := c.Masters(t.Context())[0].Kill(); err != nil {
		t.Fatal(err)
	}
	for len(c.Masters(t.Context())) < 3 {
		if t.Context().Err() != nil {
			t.Fatal("nobody took over")
		}
	}

	soon, cancel := context.WithTimeout(t.Context(), 30*time.Second) // half of the client's own time
	defer cancel()
	for person := range int64(people) {
		turn, err := s.Begin(soon, person)
		for ; err != nil && soon.Err() == nil; turn, err = s.Begin(soon, person) {
		}
		if err != nil {
			t.Fatalf("person %d: %v", person, err)
		}
		if err := turn.Commit(soon, dialogue.Position{Page: "menu"}); err != nil {
			t.Errorf("person %d: %v", person, err)
		}
	}
}
