package main

import (
	"context"
	"testing"
	"time"

	"kinerja/store"
	"kinerja/store/storetest"
)

func TestServePrunesAtNight(t *testing.T) {
	w := build(t, storetest.URL(t, "mariadb"), "embedded:", false, func(s *appSettings) {
		s.keep = retentionSetting{KeepRecords: 1827, KeepTraces: 90}.retention()
	})
	if _, err := w.app.store.Invite(context.Background(), w.cast.Newcomer.ID, time.Hour); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(100 * day)
	if n := w.old(t); n == 0 {
		t.Fatal("nothing is old")
	}
	w.untilTwo()
	w.open(t)
	w.await(t, "what is old is gone", func() bool { return w.old(t) == 0 })
}

// old counts the rows that are older than they must be kept.
func (w *town) old(t *testing.T) int {
	t.Helper()
	would, err := w.app.store.Prunable(context.Background(), w.app.settings.keep)
	if err != nil {
		t.Fatal(err)
	}
	all := 0
	for _, some := range would {
		all += some.Rows
	}
	return all
}

// untilTwo moves the clock on to the next 02.00 WIB.
func (w *town) untilTwo() {
	now := w.clock.Now().In(store.WIB)
	then := time.Date(now.Year(), now.Month(), now.Day(), 2, 0, 0, 0, store.WIB)
	if then.Before(now) {
		then = then.AddDate(0, 0, 1)
	}
	w.clock.Advance(then.Sub(now))
}
