package scoring_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/transcript"
	"kinerja/store"
	"kinerja/store/storetest"
)

const (
	maxStatements = 4 // SQL statements of one rating tap, beside BEGIN and COMMIT
	maxRoundTrips = 2 // to Redis
)

// roundTrips counts what a Redis client asks.
type roundTrips struct{ n atomic.Int64 }

func (r *roundTrips) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (r *roundTrips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		r.n.Add(1)
		return next(ctx, cmd)
	}
}

func (r *roundTrips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		r.n.Add(1)
		return next(ctx, cmds)
	}
}

// counted is a world in which everything that a tap costs is counted.
type counted struct {
	*transcript.World
	statements *storetest.Statements
	trips      *roundTrips
	sheet      store.Sheet
}

func newCounted(t testing.TB, engine string) *counted {
	t.Helper()
	clock := storetest.NewClock(storetest.Start)
	c := &counted{statements: &storetest.Statements{}, trips: &roundTrips{}}
	s := storetest.Open(t, storetest.URL(t, engine), store.Options{Now: clock.Now, Wrap: c.statements.Wrap})
	c.World = transcript.NewWorldOn(t, s, clock)
	cast, _ := furnish(t, c.World, store.ReleaseAtOnce)
	c.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	sheet, err := s.SheetOf(context.Background(), cast.Evaluator.ID, team(t, c.World, cast.Evaluator)[0].EvaluationID)
	if err != nil {
		t.Fatalf("read sheet: %v", err)
	}
	c.sheet = sheet
	c.Redis().AddHook(c.trips)
	// The first turn also loads the scripts and the indicators, once a process.
	c.Type("penilai", "/nilai")
	return c
}

// rate taps the rating of one indicator and returns what it cost.
func (c *counted) rate(action string, i store.Indicator, rating store.Rating) (statements, trips int) {
	s, r := c.statements.Count(), c.trips.n.Load()
	c.Do("penilai", flows.Event{Kind: flows.Tap, Private: true, Data: flows.To(action, c.sheet.ID, i.ID, rating).String()})
	return c.statements.Count() - s, int(c.trips.n.Load() - r)
}

func TestOneRatingTapCostsAtMostFourStatementsAndTwoRoundTrips(t *testing.T) {
	for _, engine := range []string{"sqlite", "mariadb"} {
		t.Run(engine, func(t *testing.T) {
			c := newCounted(t, engine)
			first, value := c.sheet.Indicators[0], c.sheet.Indicators[len(c.sheet.Indicators)-1]
			for _, tap := range []struct {
				what, action string
				indicator    store.Indicator
				rating       store.Rating
			}{
				{"rating the first time", "score.rate", first, store.Above},
				{"rating otherwise", "score.rate", first, store.Meets},
				{"rating the same again", "score.rate", first, store.Meets},
				{"rating a value", "score.value", value, store.Below},
			} {
				statements, trips := c.rate(tap.action, tap.indicator, tap.rating)
				if statements > maxStatements || trips > maxRoundTrips {
					t.Errorf("%s costs %d SQL statements and %d round trips to Redis, at most %d and %d are allowed", tap.what, statements, trips, maxStatements, maxRoundTrips)
				}
				if screen := transcript.Render(c.Last("penilai")); !strings.Contains(screen, c.sheet.Employee) || statements < maxStatements-1 {
					t.Errorf("%s did not rate (%d statements):\n%s", tap.what, statements, screen)
				}
			}
		})
	}
}

// BenchmarkRatingTap is one rating tap through the engine: from the event to the stored position.
func BenchmarkRatingTap(b *testing.B) {
	for _, engine := range []string{"sqlite", "mariadb"} {
		b.Run(engine, func(b *testing.B) {
			c := newCounted(b, engine)
			ratings := []store.Rating{store.Above, store.Meets, store.Below}
			s, r := c.statements.Count(), c.trips.n.Load()
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				i := c.sheet.Indicators[n%3] // of the first screens, which come one by one
				c.rate("score.rate", i, ratings[n/3%3])
				n++
			}
			b.ReportMetric(float64(c.statements.Count()-s)/float64(n), "sql/op")
			b.ReportMetric(float64(c.trips.n.Load()-r)/float64(n), "redis/op")
		})
	}
}

func TestTheUsualAppraisalTakesThreeTapsAPerson(t *testing.T) {
	w, cast, _ := city(t, store.ReleaseAtOnce)
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	w.Tap("penilai", "Erni")
	w.Tap("penilai", "Semua sesuai")
	w.Tap("penilai", "Tetapkan")
	for n := 1; n < len(team(t, w, cast.Evaluator)); n++ {
		w.Tap("penilai", "Lanjut")
		w.Tap("penilai", "Semua sesuai")
		w.Tap("penilai", "Tetapkan")
	}
	for _, m := range team(t, w, cast.Evaluator) {
		if m.State != store.EvaluationFinal || m.Predicate != store.Good {
			t.Errorf("%s is %s, %s", m.Name, m.State, m.Predicate)
		}
	}
	if want := 3 * len(team(t, w, cast.Evaluator)); w.Taps("penilai") != want {
		t.Errorf("%d taps for the whole team, want %d", w.Taps("penilai"), want)
	}
}

func TestNoIndicatorTakesMoreThanOneTap(t *testing.T) {
	w, cast, _ := city(t, store.ReleaseAtOnce)
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	w.Tap("penilai", "Erni")
	w.Tap("penilai", "Mulai menilai")
	before := w.Taps("penilai")
	for n := range 6 { // capaian and sikap, one after the other
		if heading := fmt.Sprintf("· %d dari 13", n+1); !strings.Contains(w.Last("penilai").Text, heading) {
			t.Fatalf("not on indicator %d:\n%s", n+1, transcript.Render(w.Last("penilai")))
		}
		w.Tap("penilai", "Sesuai")
	}
	for n := range 7 { // the values, on two screens
		w.Tap("penilai", fmt.Sprintf("%d Sesuai", n+1))
	}
	if taps := w.Taps("penilai") - before; taps != 13 {
		t.Errorf("%d taps for 13 indicators", taps)
	}
	w.Tap("penilai", "Lanjut")
	if !strings.Contains(w.Last("penilai").Text, "13 dari 13") {
		t.Errorf("not all is rated:\n%s", transcript.Render(w.Last("penilai")))
	}
}

func TestASlipIsCorrectedInTwoTaps(t *testing.T) {
	w, cast, _ := city(t, store.ReleaseAtOnce)
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	id := team(t, w, cast.Evaluator)[0].EvaluationID
	w.Type("penilai", "/nilai")
	w.Tap("penilai", "Andi")
	w.Tap("penilai", "Mulai menilai")
	correct := func(where string, ordinal int, taps ...string) {
		t.Helper()
		if len(taps) > 2 {
			t.Fatalf("%s: %d taps", where, len(taps))
		}
		for _, label := range taps {
			w.Tap("penilai", label)
		}
		sheet, err := w.Store.SheetOf(context.Background(), cast.Evaluator.ID, id)
		if err != nil {
			t.Fatalf("read sheet: %v", err)
		}
		if got := sheet.Rating(sheet.Indicators[ordinal-1].ID); got != store.Meets {
			t.Errorf("%s: indicator %d is %q", where, ordinal, got)
		}
	}
	w.Tap("penilai", "Di bawah")
	correct("on the next indicator", 1, "‹ Sebelumnya", "Sesuai")
	for range 5 {
		w.Tap("penilai", "Di bawah")
	}
	correct("on the values", 6, "‹ Sebelumnya", "Sesuai")
	w.Tap("penilai", "‹ Kembali")
	correct("on the person's page", 2, "2", "Sesuai")
	w.Tap("penilai", "‹ Kembali")
	w.Tap("penilai", "Sisanya sesuai")
	w.Tap("penilai", "‹ Kembali")
	w.Tap("penilai", "3")
	w.Tap("penilai", "Di atas") // the last that was to be rated: the summary follows
	correct("on the summary", 3, "‹ Sebelumnya", "Sesuai")
	w.Tap("penilai", "‹ Kembali")
	w.Tap("penilai", "7")
	for n := range 4 {
		w.Tap("penilai", fmt.Sprintf("%d Di bawah", n+1))
	}
	correct("on the screen of the value", 10, "4 Sesuai")
}

func TestOneBelowWithItsReasonTakesAtMostEightTaps(t *testing.T) {
	w, cast, _ := city(t, store.ReleaseAtOnce)
	w.Link("penilai", cast.Evaluator, "id", account.NoticeVersion)
	w.Type("penilai", "/nilai")
	for _, label := range []string{"Erni", "Mulai menilai", "Di bawah", "Kembali", "Sisanya sesuai", "Pakai usulan", "1", "Tetapkan"} {
		w.Tap("penilai", label)
	}
	if taps := w.Taps("penilai"); taps > 8 {
		t.Errorf("%d taps, at most 8 are allowed", taps)
	}
	for _, m := range team(t, w, cast.Evaluator) {
		if strings.HasPrefix(m.Name, "Erni") && m.State != store.EvaluationFinal {
			t.Errorf("not set:\n%s", transcript.Render(w.Last("penilai")))
		}
	}
}
