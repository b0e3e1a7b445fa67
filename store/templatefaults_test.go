package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"testing"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/storetest"
)

// failing lets the next commit fail, once armed.
type failing struct{ armed bool }

var errNotCommitted = errors.New("not committed")

func (f *failing) wrap(inner driver.Connector) driver.Connector {
	return failingConnector{Connector: inner, failing: f}
}

type failingConnector struct {
	driver.Connector
	failing *failing
}

func (c failingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	return failingConn{countingConn: countingConn{Conn: conn, counter: &statements{}}, failing: c.failing}, err
}

type failingConn struct {
	countingConn
	failing *failing
}

func (c failingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.countingConn.BeginTx(ctx, o)
	return failingTx{Tx: tx, failing: c.failing}, err
}

type failingTx struct {
	driver.Tx
	failing *failing
}

func (t failingTx) Commit() error {
	if t.failing.armed {
		t.failing.armed = false
		return errors.Join(errNotCommitted, t.Rollback())
	}
	return t.Tx.Commit()
}

func TestWhatWasNotCommittedIsNoIndicatorOfAnybody(t *testing.T) {
	clock, commits := storetest.NewClock(storetest.Start), &failing{}
	s := storetest.Open(t, storetest.URL(t, "sqlite"), store.Options{Now: clock.Now, Wrap: commits.wrap})
	cast, err := sample.City(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	admin := cast.Admin.ID
	change := func(unit string, name string) (store.UnitTemplate, error) {
		t.Helper()
		view, err := s.TemplateOf(ctx, admin, cast.Units[unit].ID)
		if err != nil {
			t.Fatal(err)
		}
		return s.ChangeTemplate(ctx, admin, view.UnitID, view.VersionID, adds(name))
	}
	commits.armed = true
	if _, err := change("DINKES", "Tidak pernah tersimpan"); !errors.Is(err, errNotCommitted) {
		t.Fatalf("the commit succeeded: %v", err)
	}
	after, err := change("DISDIK", "Tersimpan") // SQLite gives it the number that was not used
	if err != nil {
		t.Fatal(err)
	}
	stored, err := s.Indicators(ctx, after.VersionID)
	if err != nil {
		t.Fatal(err)
	}
	names := func(list []store.Indicator) []string {
		var all []string
		for _, i := range list {
			all = append(all, i.Name)
		}
		return all
	}
	if got := names(stored); !slices.Equal(got, names(after.Indicators)) || !slices.Contains(got, "Tersimpan") {
		t.Errorf("the other agency is evaluated by %q", got)
	}
}

func TestOnePeriodIsEvaluatedByOneVersionWhateverTheClocksSay(t *testing.T) {
	slow, fast := apart(t)
	admin := crowd(t, slow, 450)
	if _, err := fast.OpenPeriod(ctx, admin.ID, quarter(0), store.Place{}); err != nil {
		t.Fatal(err)
	}
	job, err := slow.ClaimJob(ctx, "slow", lease)
	if err != nil {
		t.Fatal(err)
	}
	if job, err = slow.OpenPeriodChunk(ctx, "slow", job.ID, lease); err != nil || job.State != store.JobRunning {
		t.Fatalf("first chunk: %+v, %v", job, err)
	}
	view, err := slow.TemplateOf(ctx, admin.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slow.ChangeTemplate(ctx, admin.ID, 0, view.VersionID, adds("Sesudah dibuka")); err != nil {
		t.Fatal(err)
	}
	for job.State == store.JobRunning {
		if job, err = slow.OpenPeriodChunk(ctx, "slow", job.ID, lease); err != nil {
			t.Fatal(err)
		}
	}
	team, err := slow.Team(ctx, admin.ID)
	if err != nil || len(team) == 0 {
		t.Fatalf("%d people, %v", len(team), err)
	}
	pinned := slow.CountRows(t, "SELECT COUNT(DISTINCT template_version_id) FROM evaluations")
	if pinned != 1 || team[0].TemplateVersionID != view.VersionID {
		t.Errorf("%d versions are pinned, and the first is %d; want %d alone", pinned, team[0].TemplateVersionID, view.VersionID)
	}
}

func TestNoClockLetsAChangeOfATemplateBeOverwritten(t *testing.T) {
	slow, fast := apart(t)
	admin := crowd(t, slow, 3)
	seen, err := slow.TemplateOf(ctx, admin.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fast.ChangeTemplate(ctx, admin.ID, 0, seen.VersionID, adds("Dari yang pertama")); err != nil {
		t.Fatal(err)
	}
	if _, err := slow.ChangeTemplate(ctx, admin.ID, 0, seen.VersionID, adds("Dari yang kedua")); !errors.Is(err, store.ErrTemplateChanged) {
		t.Errorf("a change of what is not in force any more: %v", err)
	}
	now, err := slow.TemplateOf(ctx, admin.ID, 0)
	if err != nil || !slices.ContainsFunc(now.Indicators, func(i store.Indicator) bool { return i.Name == "Dari yang pertama" }) {
		t.Fatalf("in force is %+v, %v", now, err)
	}
	next, err := slow.ChangeTemplate(ctx, admin.ID, 0, now.VersionID, adds("Dari yang kedua"))
	if err != nil || !next.ChangedAt.After(now.ChangedAt) {
		t.Errorf("the next version is from %v, that before from %v, %v", next.ChangedAt, now.ChangedAt, err)
	}
}

func TestAChangeOfATemplateThatIsHandledTwiceIsDone(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, clinic := d.cast.UnitAdmin.ID, d.cast.Units["PKM-01"].ID
		seen := d.template(admin, clinic).VersionID
		once, err := d.ChangeTemplate(ctx, admin, clinic, seen, adds("Kerja sama"))
		d.must("change", err)
		twice, err := d.ChangeTemplate(ctx, admin, clinic, seen, adds("Kerja sama"))
		if err != nil || twice.VersionID != once.VersionID || len(twice.Indicators) != len(once.Indicators) {
			d.t.Errorf("again: version %d of %d indicators, %v", twice.VersionID, len(twice.Indicators), err)
		}
		_, err = d.ChangeTemplate(ctx, admin, clinic, seen, adds("Yang lain"))
		d.expect("another change of what was seen", err, store.ErrTemplateChanged)
		d.must("inherit", d.InheritTemplate(ctx, admin, clinic, once.VersionID))
		d.must("inherit again", d.InheritTemplate(ctx, admin, clinic, once.VersionID))
	})
}

func TestAUnitThatFollowsHasACopyForProgramsThatDoNotKnowItYet(t *testing.T) {
	eachDesk(t, store.ReleaseAtOnce, func(d *desk) {
		admin, clinic := d.cast.UnitAdmin.ID, d.cast.Units["PKM-01"].ID
		above := d.template(admin, clinic)
		own, err := d.ChangeTemplate(ctx, admin, clinic, above.VersionID, adds("Kerja sama"))
		d.must("change", err)
		d.must("inherit", d.InheritTemplate(ctx, admin, clinic, own.VersionID))
		newest := "(SELECT v.id FROM template_versions AS v JOIN templates AS t ON t.id = v.template_id WHERE t.unit_id = ? ORDER BY v.version DESC LIMIT 1)"
		if n := d.CountRows(d.t, "SELECT COUNT(*) FROM indicators WHERE template_version_id = "+newest, clinic); n != len(above.Indicators) {
			d.t.Errorf("the version that follows holds %d indicators, want %d", n, len(above.Indicators))
		}
		lines, err := d.OwnTemplates(ctx, admin)
		d.must("list templates", err)
		if slices.ContainsFunc(lines, func(l store.TemplateLine) bool { return l.UnitID == clinic }) {
			d.t.Error("a unit that follows is listed as one with its own")
		}
		same := func(list []store.Indicator) ([]store.Indicator, error) { return list, nil }
		if again, err := d.ChangeTemplate(ctx, admin, clinic, above.VersionID, same); err != nil || !again.Own() {
			d.t.Errorf("its own again: %+v, %v", again, err)
		}
	})
}
