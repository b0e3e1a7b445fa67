package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"

	"kinerja/store"
	"kinerja/store/sample"
	"kinerja/store/servers"
	"kinerja/store/storetest"
)

// nodes are two writers of one city, each on a node of its own of a Galera cluster.
type nodes struct {
	*desk       // on the first node
	other       *store.Store
	behind, far *sql.DB // the first node and the other one, past the store; a session on the latter begins with all that the former has
}

// begun is a connector to the first node whose transactions do not wait for what was stored on the other one before they began: as
// if they had begun before that.
type begun struct{ driver.Connector }

// Connect opens a connection.
func (b begun) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := b.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.(driver.ExecerContext).ExecContext(ctx, "SET SESSION wsrep_sync_wait = 0", nil)
	return conn, err
}

func alreadyBegun(c driver.Connector) driver.Connector { return begun{c} }

// onNodes gives each test a city of its own on one cluster, with wrap around the connector to the first node.
func onNodes(t *testing.T, release store.Release, wrap func(driver.Connector) driver.Connector, tests map[string]func(n *nodes)) {
	t.Helper()
	storetest.Need(t, servers.Galera)
	cluster, err := servers.StartCluster(ctx, t.TempDir(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(newNodes(t, cluster, release, wrap)) })
	}
}

func newNodes(t *testing.T, cluster *servers.Cluster, release store.Release, wrap func(driver.Connector) driver.Connector) *nodes {
	t.Helper()
	database := storetest.Name()
	if _, err := cluster.Nodes[0].NewDatabase(ctx, database); err != nil {
		t.Fatal(err)
	}
	clock := storetest.NewClock(storetest.Start)
	first := storetest.Open(t, cluster.Nodes[0].URL()+database, store.Options{Now: clock.Now, Wrap: wrap})
	cast, err := sample.City(ctx, first)
	if err != nil {
		t.Fatal(err)
	}
	n := &nodes{desk: &desk{Store: first, t: t, clock: clock, cast: cast, boss: cast.Evaluator.ID, worker: cast.Employee.ID}}
	n.period = n.open(store.PeriodForm{Kind: store.Quarterly, FirstDay: "2026-10-01", LastDay: "2026-12-31", Release: release})
	n.id = n.evaluationIn(n.period.ID)
	n.behind, n.far = n.raw(cluster.Nodes[0], database), n.raw(cluster.Nodes[1], database+"?wsrep_sync_wait=15")
	n.run(n.behind, "CREATE TABLE ballast (id INT PRIMARY KEY, n INT NOT NULL)")
	n.run(n.behind, "INSERT INTO ballast VALUES (1, 0)")
	n.run(n.far, "UPDATE ballast SET n = 1")
	n.other = storetest.Open(t, cluster.Nodes[1].URL()+database, store.Options{Now: clock.Now})
	return n
}

func (n *nodes) raw(node *servers.Node, database string) *sql.DB {
	n.t.Helper()
	db, err := sql.Open("mysql", "root@tcp("+node.Addr()+")/"+database)
	n.must("open a node", err)
	n.t.Cleanup(func() { n.must("close a node", db.Close()) })
	return db
}

func (n *nodes) run(db *sql.DB, statement string) {
	n.t.Helper()
	_, err := db.ExecContext(ctx, statement)
	n.must(statement, err)
}

// inTheGap does far on the other node while the first one receives what is written there and does not have it yet, and near on the
// first node, which goes on as soon as the place of what near has written is settled: after what far has written.
func (n *nodes) inTheGap(far func(), near func() error) error {
	n.t.Helper()
	letGo := n.holdBack()
	far()
	written := n.written()
	done := make(chan error, 1)
	go func() { done <- near() }()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for n.written() == written {
		select {
		case err := <-done:
			n.t.Errorf("the first node was not held back: %v", err)
			return err
		case <-again.C:
		}
	}
	letGo()
	return <-done
}

// holdBack lets the first node receive what is written on the other one and not have it until letGo.
func (n *nodes) holdBack() (letGo func()) {
	n.t.Helper()
	holder, err := n.behind.Conn(ctx)
	n.must("hold the node back", err)
	// What a session without replication has locked, what comes from another node waits for, and all that comes after it.
	for _, statement := range []string{"SET SESSION wsrep_on = OFF", "BEGIN", "SELECT * FROM ballast FOR UPDATE"} {
		_, err := holder.ExecContext(ctx, statement)
		n.must(statement, err)
	}
	n.run(n.far, "UPDATE ballast SET n = n + 1")
	return func() {
		n.t.Helper()
		_, err := holder.ExecContext(ctx, "ROLLBACK")
		n.must("let go of the node", errors.Join(err, holder.Close()))
	}
}

// written is how many transactions the first node has sent to the others.
func (n *nodes) written() int {
	n.t.Helper()
	var name string
	var count int
	n.must("ask the node", n.behind.QueryRowContext(ctx, "SHOW STATUS LIKE 'wsrep_replicated'").Scan(&name, &count))
	return count
}

// work does all jobs that wait to their end.
func (n *nodes) work(s *store.Store, owner string) {
	n.t.Helper()
	for {
		job, err := s.ClaimJob(ctx, owner, time.Hour)
		if errors.Is(err, store.ErrNotFound) {
			return
		}
		n.must("claim the job", err)
		n.finishJob(s, owner, job)
	}
}

func (n *nodes) finishJob(s *store.Store, owner string, job store.Job) {
	n.t.Helper()
	chunk := map[string]func(context.Context, string, int64, time.Duration) (store.Job, error){
		store.JobOpenPeriod: s.OpenPeriodChunk, store.JobPublishResults: s.PublishChunk, store.JobCloseNews: s.CloseNewsChunk,
	}[job.Kind]
	for job.State == store.JobRunning {
		var err error
		job, err = chunk(ctx, owner, job.ID, time.Hour)
		n.must("work", err)
	}
}

func TestTwoNodesThatDecideAtTheSameMomentContradictEachOtherInNothing(t *testing.T) {
	onNodes(t, store.ReleasePublished, alreadyBegun, map[string]func(n *nodes){
		"a result beside its publication": func(n *nodes) {
			n.rateRest()
			err := n.inTheGap(func() {
				_, err := n.other.PublishPeriod(ctx, n.cast.Admin.ID, n.period.ID)
				n.must("publish", err)
				n.work(n.other, "other")
			}, func() error {
				_, err := n.Finalise(ctx, n.boss, n.id, grace, judge)
				return err
			})
			n.must("finalise", err)
			if waiting := n.CountRows(n.t, "SELECT COUNT(*) FROM results WHERE release_at IS NULL"); waiting != 0 {
				n.t.Error("the result stays unreleased for ever")
			}
		},
		"two periods over the same days": func(n *nodes) {
			form := store.PeriodForm{Kind: store.Monthly, FirstDay: "2026-11-01", LastDay: "2026-11-30", Release: store.ReleaseAtOnce}
			_, err := n.OpenPeriod(ctx, n.cast.Admin.ID, form, store.Place{})
			n.must("open the city", err)
			form.UnitID = n.cast.Employee.UnitID
			_, err = n.OpenPeriod(ctx, n.cast.Admin.ID, form, store.Place{})
			n.must("open a unit", err)
			city, err := n.ClaimJob(ctx, "first", time.Hour)
			n.must("claim the job", err)
			err = n.inTheGap(func() { n.work(n.other, "other") }, func() error {
				_, err := n.OpenPeriodChunk(ctx, "first", city.ID, time.Hour)
				return err
			})
			n.must("open the city", err)
			n.finishJob(n.Store, "first", city)
			const twice = "SELECT COUNT(*) FROM (SELECT e.employee_id FROM evaluations e JOIN periods p ON p.id = e.period_id " +
				"WHERE p.first_day = '2026-11-01' GROUP BY e.employee_id HAVING COUNT(*) > 1) AS twice"
			if people := n.CountRows(n.t, twice); people != 0 {
				n.t.Errorf("%d people are evaluated twice over the same days", people)
			}
		},
		"an account and a role beside the leaving": func(n *nodes) {
			leaver := n.cast.Newcomer.ID
			code, err := n.Invite(ctx, leaver, store.CodeLife)
			n.must("invite", err)
			const telegram = 4711
			i, err := n.InvitationFor(ctx, telegram, code)
			n.must("show the code", err)
			err = n.inTheGap(func() {
				_, err := n.other.Leave(ctx, n.cast.Admin.ID, leaver)
				n.must("leave", err)
			}, func() error {
				_, err := n.Accept(ctx, telegram, "id", i.ID)
				return err
			})
			n.expect("link", err, store.ErrCodeExpired)
			leaver = n.worker
			err = n.inTheGap(func() {
				_, err := n.other.Leave(ctx, n.cast.Admin.ID, leaver)
				n.must("leave", err)
			}, func() error { return n.GrantRole(ctx, n.cast.Admin.ID, leaver, store.Leader, 0) })
			n.expect("grant", err, store.ErrNotFound)
			for _, table := range []string{"accounts", "person_roles"} {
				const left = " AS t JOIN people p ON p.id = t.person_id WHERE p.active = FALSE"
				if rows := n.CountRows(n.t, "SELECT COUNT(*) FROM "+table+left); rows != 0 {
					n.t.Errorf("%d %s of people who have left", rows, table)
				}
			}
		},
		"two administrators who take each other's role": func(n *nodes) {
			first, second := n.cast.Admin.ID, n.worker
			n.must("grant", n.GrantRole(ctx, 0, second, store.Admin, 0))
			for i, person := range []int64{first, second} {
				code, err := n.Invite(ctx, person, store.CodeLife)
				n.must("invite", err)
				_, err = n.Link(ctx, int64(4720+i), "id", code)
				n.must("link", err)
			}
			roles := map[int64]int64{}
			for _, person := range []int64{first, second} {
				held, err := n.Roles(ctx, person)
				n.must("read roles", err)
				roles[person] = held[len(held)-1].ID
			}
			err := n.inTheGap(func() {
				_, err := n.other.TakeRole(ctx, first, roles[second])
				n.must("take", err)
			}, func() error {
				_, err := n.TakeRole(ctx, second, roles[first])
				return err
			})
			n.expect("take back", err, store.ErrNotFound)
			if left := n.CountRows(n.t, "SELECT COUNT(*) FROM person_roles WHERE role = 'admin' AND unit_id = 0"); left != 1 {
				n.t.Errorf("%d administrators of the city are left", left)
			}
		},
		"two who become the Kepala Daerah": func(n *nodes) {
			give := func(s *store.Store, person int64) error {
				holder, err := s.HolderOf(ctx, n.cast.Admin.ID, person)
				if err == nil {
					_, err = s.GiveRole(ctx, n.cast.Admin.ID, person, store.Mayor, 0, holder.Seen)
				}
				return err
			}
			err := n.inTheGap(func() { n.must("give", give(n.other, n.cast.Superior.ID)) }, func() error { return give(n.Store, n.cast.NoSuperior.ID) })
			n.expect("give", err, store.ErrConflict)
			if mayors := n.CountRows(n.t, "SELECT COUNT(*) FROM person_roles WHERE role = 'mayor'"); mayors != 1 {
				n.t.Errorf("%d people are the Kepala Daerah", mayors)
			}
		},
		"a message that is held beside the return of its person": func(n *nodes) {
			const telegram = 4712
			code, err := n.Invite(ctx, n.cast.Newcomer.ID, store.CodeLife)
			n.must("invite", err)
			actor, err := n.Link(ctx, telegram, "id", code)
			n.must("link", err)
			var owed store.Notification
			for i, hold := range []func() error{
				func() error { return n.HoldUnlinked(ctx, owed) },
				func() error { return n.MarkUnreachable(ctx, telegram) },
			} {
				n.must("mark", n.MarkUnreachable(ctx, telegram))
				n.must("owe", n.OweRedraw(ctx, telegram, int64(i)))
				claimed, err := n.ClaimNotifications(ctx, fmt.Sprint(i), time.Hour, 1000)
				n.must("claim", err)
				owed = claimed[slices.IndexFunc(claimed, func(c store.Notification) bool { return c.PersonID == actor.PersonID })]
				n.must("hold", n.inTheGap(func() { n.must("return", n.other.Returned(ctx, actor)) }, hold))
				const stuck = "SELECT COUNT(*) FROM notifications AS n JOIN accounts AS a ON a.person_id = n.person_id WHERE n.state = ? AND a.unreachable_since IS NULL"
				if held := n.CountRows(n.t, stuck, store.Unreachable); held != 0 {
					n.t.Errorf("way %d: %d messages wait for ever for somebody who is back", i, held)
				}
				n.must("return", n.Returned(ctx, actor))
			}
		},
		"an answer beside the result": func(n *nodes) {
			n.rateRest()
			i := n.sheet().Indicators[0].ID
			err := n.inTheGap(func() {
				_, err := n.other.Finalise(ctx, n.boss, n.id, grace, judge)
				n.must("finalise", err)
			}, func() error { return n.Rate(ctx, n.boss, n.id, i, store.Above) })
			if err != nil && !errors.Is(err, store.ErrFinal) {
				n.t.Error(err)
			}
			const differs = "SELECT COUNT(*) FROM answers a JOIN result_answers r ON r.indicator_id = a.indicator_id WHERE a.rating <> r.rating"
			if answers := n.CountRows(n.t, differs); answers != 0 {
				n.t.Error("the answer differs from the result")
			}
		},
		"a result beside the period that takes over from the closed one": func(n *nodes) {
			n.rateRest()
			form := store.PeriodForm{Kind: n.period.Kind, FirstDay: n.period.FirstDay, LastDay: n.period.LastDay, UnitID: n.cast.Employee.UnitID, Release: store.ReleaseAtOnce}
			err := n.inTheGap(func() {
				n.must("close", n.other.ClosePeriod(ctx, n.cast.Admin.ID, n.period.ID))
				_, err := n.other.OpenPeriod(ctx, n.cast.Admin.ID, form, store.Place{})
				n.must("open a unit", err)
				n.work(n.other, "other")
			}, func() error {
				_, err := n.Finalise(ctx, n.boss, n.id, grace, judge)
				return err
			})
			if err != nil && !errors.Is(err, store.ErrClosed) {
				n.t.Error(err)
			}
			both := n.CountRows(n.t, "SELECT COUNT(*) FROM evaluations WHERE employee_id = ? AND period_id <> ?", n.worker, n.period.ID)
			if results := n.CountRows(n.t, "SELECT COUNT(*) FROM results"); both == 0 || results != 0 {
				n.t.Errorf("%d new evaluations, and %d results in the closed period", both, results)
			}
		},
	})
}

func TestWhatOneNodeStoredIsReadOnTheOther(t *testing.T) {
	onNodes(t, store.ReleaseAtOnce, nil, map[string]func(n *nodes){"a rating": func(n *nodes) {
		i := n.indicator(0)
		letGo := n.holdBack()
		n.must("rate", n.other.Rate(ctx, n.boss, n.id, i, store.Above))
		read := make(chan store.Sheet, 1)
		go func() {
			sheet, err := n.SheetOf(ctx, n.boss, n.id)
			if err != nil {
				n.t.Error(err)
			}
			read <- sheet
		}()
		again := time.NewTicker(time.Millisecond)
		defer again.Stop()
		for waits := false; !waits && len(read) == 0; <-again.C {
			const reading = "SELECT COUNT(*) > 0 FROM information_schema.processlist WHERE command = 'Query' AND info LIKE '%FROM evaluations AS e%' AND id <> CONNECTION_ID()"
			n.must("look who reads", n.behind.QueryRowContext(ctx, reading).Scan(&waits))
		}
		letGo()
		if got := (<-read).Rating(i); got != store.Above {
			n.t.Errorf("the rating is read as %q", got)
		}
	}})
}
