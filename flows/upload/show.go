package upload

import (
	"context"
	"errors"
	"slices"
	"strings"

	"kinerja/flows"
	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store"
)

// show is one file: what would change, what is wrong, how far it is.
func (c conversation) show(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	upload, err := c.store.UploadFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	return c.screen(ctx, r, upload)
}

func (c conversation) screen(ctx context.Context, r *flows.Request, u store.Upload) (flows.Screen, error) {
	found := readSummary(u)
	title := r.T.HTML("import.file_title", locales.Args{"Name": shortName(u.Name)})
	switch u.State {
	case store.UploadChecking, store.UploadApplying:
		return c.underWay(ctx, r, u, title)
	case store.UploadAsking:
		return c.asking(r, u, found.Question, title), nil
	case store.UploadReady:
		return c.ready(r, u, found, title), nil
	case store.UploadDone:
		return c.done(r, u, found, title), nil
	case store.UploadUnusable:
		return unusable(r, found, title), nil
	default:
		return flows.Screen{Text: flows.Lines(title, "\n", r.T.HTML("import.is_dropped")), Rows: [][]flows.Button{backTo(r, flows.To("import.home"))}}, nil
	}
}

// done tells what was written, and leads on: whoever is new needs an evaluator and an invitation.
func (c conversation) done(r *flows.Request, u store.Upload, s summary, title string) flows.Screen {
	lines := []string{title, "\n", r.T.HTML("import.done", locales.Args{"Number": r.T.Number(s.Applied)}),
		countsLine(r.T, "import.done_units", s.Units), countsLine(r.T, "import.done_people", s.People), wrongLine(r, s)}
	return flows.Screen{Text: flows.Lines(lines...), Rows: withWrong(r, u, s,
		flows.Row(flows.Go(r.T.Plain("people.chains"), "people.chains")),
		flows.Row(flows.Go(r.T.Plain("admin.print_again"), "invite.unit", 0)),
		backTo(r, flows.To("import.home")))}
}

// unusable says what is wrong with a file, or that it could not be worked to its end, and what is stored of it.
func unusable(r *flows.Request, s summary, title string) flows.Screen {
	why, next := r.T.HTML("import.unusable", locales.Args{"Why": problemText(r.T, s.Problem)}), r.T.HTML("import.send_again")
	if s.Problem != nil && slices.Contains(unfinished, s.Problem.Key) {
		why, next = r.T.HTML("import.not_finished", locales.Args{"Why": problemText(r.T, s.Problem)}), r.T.HTML("import.nothing_applied")
		if s.Applied > 0 {
			next = r.T.HTML("import.part_applied", locales.Args{"Number": r.T.Number(s.Applied)})
		}
		if s.Problem.Key != "file.no_role" {
			next = flows.Lines(next, r.T.HTML("import.once_more"))
		}
	}
	return flows.Screen{Text: flows.Lines(title, "\n", why, "\n", next),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("import.example"), "import.example")), backTo(r, flows.To("import.home"))}}
}

// unfinished are the causes that lie in no row of the file: a part of it may be written.
var unfinished = []string{"file.gone", "file.given_up", "file.no_role"} //nolint:gochecknoglobals // a constant list

// underWay is a file that a job works on; the runner edits the message where it was tapped for.
func (c conversation) underWay(ctx context.Context, r *flows.Request, u store.Upload, title string) (flows.Screen, error) {
	job, err := c.store.UploadProgress(ctx, r.Actor.PersonID, u.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return flows.Screen{}, err
	}
	lines := []string{title, "\n", r.T.HTML("import." + string(u.State))}
	if job.Total > 0 {
		lines = append(lines, r.T.HTML("import.bar", locales.Args{"Bar": flows.Bar(job.Done, job.Total), "Done": r.T.Number(job.Done), "All": r.T.Number(job.Total)}))
	}
	lines = append(lines, "\n", r.T.HTML("import.goes_on"))
	rows := [][]flows.Button{flows.Row(flows.Go(r.T.Plain("import.refresh"), "import.show", u.ID))}
	if u.State == store.UploadChecking {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("import.drop"), "import.drop", u.ID)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, flows.To("import.home")))}, nil
}

// candidatesShown is how many columns are offered; NIPs come first where a NIP is asked for.
const candidatesShown = 5

// asking is the question which column is the one that is missing.
func (c conversation) asking(r *flows.Request, u store.Upload, q *roster.HeaderQuestion, title string) flows.Screen {
	if q == nil {
		return flows.Screen{Text: title, Rows: [][]flows.Button{backTo(r, flows.To("import.home"))}}
	}
	lines := []string{title, "\n", r.T.HTML("import.ask", locales.Args{"Column": q.Column, "Meaning": q.Meaning(r.T)}), "\n"}
	var rows [][]flows.Button
	for i, candidate := range q.Candidates[:min(candidatesShown, len(q.Candidates))] {
		name := candidate.Header
		if name == "" {
			name = r.T.Plain("import.column", locales.Args{"Letter": candidate.Letter})
		}
		if len(candidate.Samples) > 0 {
			lines = append(lines, r.T.HTML("import.samples", locales.Args{"Name": name, "Samples": strings.Join(candidate.Samples, " · ")}))
		}
		rows = append(rows, flows.Row(flows.Go(name, "import.column", u.ID, u.Revision, i)))
	}
	if q.Optional {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("import.no_column"), "import.column", u.ID, u.Revision, len(q.Candidates))))
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("import.drop"), "import.drop", u.ID)), backTo(r, flows.To("import.home")))
	return flows.Screen{Text: flows.Lines(lines...), Rows: rows}
}

// ready tells what would change.
func (c conversation) ready(r *flows.Request, u store.Upload, s summary, title string) flows.Screen {
	lines := []string{title}
	if s.Stale {
		lines = append(lines, "\n", r.T.HTML("import.stale"))
	}
	lines = append(lines, "\n", countsLine(r.T, "import.units", s.Units), countsLine(r.T, "import.people", s.People), wrongLine(r, s))
	for _, f := range s.Wrong {
		lines = append(lines, r.T.HTML("import.row", locales.Args{"Row": f.Row, "Sheet": f.Sheet, "Why": f.Text(r.T)}))
	}
	if s.Moves > 0 {
		lines = append(lines, r.T.HTML("import.moves", locales.Args{"Number": s.Moves}))
	}
	if s.Warned > 0 {
		lines = append(lines, r.T.HTML("import.warnings", locales.Args{"Number": s.Warned}))
	}
	if s.Missing > 0 {
		lines = append(lines, r.T.HTML("import.missing", locales.Args{"Number": s.Missing}))
	}
	lines = append(lines, "\n", r.T.HTML(what(s)))
	var rows [][]flows.Button
	if s.Changes > 0 {
		label := "import.apply"
		if s.wrong() > 0 {
			label = "import.apply_good"
		}
		rows = append(rows, flows.Row(flows.Go(r.T.Plain(label, locales.Args{"Number": r.T.Number(s.Changes)}), applyRoute(s), u.ID, u.Revision).Styled(flows.Confirm)))
	}
	last := flows.Row(flows.Go(r.T.Plain("import.look"), "import.look", u.ID, u.Revision), flows.Go(r.T.Plain("import.drop"), "import.drop", u.ID))
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, withWrong(r, u, s, last, backTo(r, flows.To("import.home")))...)}
}

// applyRoute asks once more where wrong rows would be left out.
func applyRoute(s summary) string {
	if s.wrong() > 0 {
		return "import.sure"
	}
	return "import.apply"
}

// what says what to do next.
func what(s summary) string {
	switch {
	case s.Changes == 0 && s.wrong() == 0:
		return "import.all_same"
	case s.Changes == 0:
		return "import.only_wrong"
	case s.wrong() > 0:
		return "import.choose"
	}
	return "import.not_yet"
}

// sure asks whether the good rows are to be applied without the wrong ones.
func (c conversation) sure(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	u, err := c.store.UploadFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	s := readSummary(u)
	if u.State != store.UploadReady || u.Revision != r.Args.Int(1) || s.Changes == 0 {
		return c.screen(ctx, r, u)
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("import.file_title", locales.Args{"Name": shortName(u.Name)}), "\n",
			r.T.HTML("import.sure", locales.Args{"Good": r.T.Number(s.Changes), "Wrong": r.T.Number(s.wrong())}), r.T.HTML("import.all_or_nothing")),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("import.apply_good", locales.Args{"Number": r.T.Number(s.Changes)}), "import.apply", u.ID, u.Revision).Styled(flows.Confirm)),
			backTo(r, flows.To("import.show", u.ID)),
		},
	}, nil
}

// withWrong puts the file of the wrong rows before the rows of buttons, where there are some.
func withWrong(r *flows.Request, u store.Upload, s summary, rows ...[]flows.Button) [][]flows.Button {
	if s.wrong() == 0 {
		return rows
	}
	button := flows.Go(r.T.Plain("import.wrong_rows", locales.Args{"Number": r.T.Number(s.wrong())}), "import.wrongrows", u.ID)
	return append([][]flows.Button{flows.Row(button)}, rows...)
}

func wrongLine(r *flows.Request, s summary) string {
	if s.wrong() == 0 {
		return ""
	}
	return r.T.HTML("import.wrong", locales.Args{"Number": s.wrong()})
}

// countsLine sums up a sheet; "" where the file has none.
func countsLine(t *locales.Translator, key string, c roster.Counts) string {
	if c == (roster.Counts{}) {
		return ""
	}
	return t.HTML(key, locales.Args{"All": t.Number(c.New + c.Changed + c.Same + c.Wrong), "New": t.Number(c.New), "Changed": t.Number(c.Changed), "Same": t.Number(c.Same)})
}

func problemText(t *locales.Translator, p *roster.Problem) string {
	if p == nil {
		return ""
	}
	return p.Text(t)
}
