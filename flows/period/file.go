package period

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/document"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	fileOfProgress = "progress"
	fileRows       = 1000 // that are read at a time
)

// askFile asks for the progress as a file.
func (c conversation) askFile(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	if _, err := c.store.PeriodFor(ctx, r.Actor.PersonID, id); err != nil {
		return flows.Outcome{}, err
	}
	isNew, err := c.store.RequestFile(ctx, r.Actor.PersonID, fileOfProgress, id)
	said := "progress.on_its_way"
	if !isNew {
		said = "progress.asked_already"
	}
	return flows.Outcome{To: flows.To("period.figures", id), Toast: r.T.Plain(said)}, err
}

// tellFile brings the file, as things are when it is made.
func (c conversation) tellFile(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	period, err := c.store.PeriodFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, false, err
	}
	return flows.Screen{
		Text: r.T.HTML("progress.file", locales.Args{"Period": words.NameOfPeriod(r.T, period), "Moment": r.T.Moment(r.Now)}),
		Document: &flows.Document{
			Name: r.T.Plain("progress.file_name", locales.Args{"First": string(period.FirstDay), "Day": string(c.today(r))}),
			Make: func(ctx context.Context) ([]byte, error) { return c.progressFile(ctx, r, period.ID) },
		},
	}, true, nil
}

// progressFile writes three sheets, those furthest behind first: units, evaluators, people.
func (c conversation) progressFile(ctx context.Context, r *flows.Request, periodID int64) ([]byte, error) {
	var people []store.ProgressRow
	for after := int64(0); ; {
		rows, err := c.store.ProgressRows(ctx, r.Actor.PersonID, periodID, after, fileRows)
		if err != nil {
			return nil, err
		}
		people = append(people, rows...)
		if len(rows) < fileRows {
			break
		}
		after = rows[len(rows)-1].EvaluationID
	}
	units := grouped(people, func(p store.ProgressRow) int64 { return p.UnitID })
	evaluators := grouped(people, func(p store.ProgressRow) int64 { return p.EvaluatorID })
	slices.SortFunc(people, func(a, b store.ProgressRow) int {
		return cmp.Or(cmp.Compare(c.reached(a, r), c.reached(b, r)), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Employee, b.Employee), cmp.Compare(a.EvaluationID, b.EvaluationID))
	})
	column := func(key string, width float64) document.Column {
		return document.Column{Title: r.T.Plain("progress.col_" + key), Width: width}
	}
	done := []document.Column{column("done", 12), column("all", 12)}
	return document.Tables(
		document.Table{Title: r.T.Plain("progress.sheet_units"), Columns: append([]document.Column{column("unit", 44)}, done...), Rows: lines(units, func(g group) []string {
			return []string{g.one.Unit, strconv.Itoa(g.final), strconv.Itoa(g.total)}
		})},
		document.Table{Title: r.T.Plain("progress.sheet_evaluators"), Columns: append([]document.Column{column("evaluator", 36), column("linked", 16)}, done...),
			Rows: lines(evaluators, func(g group) []string {
				return []string{evaluatorName(r.T, g.one), yes(r.T, g.one.Linked), strconv.Itoa(g.final), strconv.Itoa(g.total)}
			})},
		document.Table{Title: r.T.Plain("progress.sheet_people"),
			Columns: []document.Column{column("name", 36), column("nip", 22), column("unit", 44), column("evaluator", 36), column("state", 24)},
			Rows: lines(people, func(p store.ProgressRow) []string {
				return []string{p.Employee, p.NIP, p.Unit, evaluatorName(r.T, p), r.T.Plain("progress.people_" + string(states[c.reached(p, r)]))}
			})})
}

// states are how far an evaluation may be, the least first.
var states = []store.Figure{store.FigureNotBegun, store.FigureBegun, store.FigureFinal, store.FigureReleased, store.FigureOpened, store.FigureRead, store.FigureExcluded} //nolint:gochecknoglobals // a constant list

// reached is how far an evaluation is: an index of states.
func (c conversation) reached(p store.ProgressRow, r *flows.Request) int {
	at := store.FigureNotBegun
	switch {
	case p.State == store.EvaluationExcluded:
		at = store.FigureExcluded
	case p.AcknowledgedAt != nil:
		at = store.FigureRead
	case p.OpenedAt != nil:
		at = store.FigureOpened
	case p.ReleaseAt != nil && !p.ReleaseAt.After(r.Now):
		at = store.FigureReleased
	case p.State == store.EvaluationFinal:
		at = store.FigureFinal
	case p.Begun:
		at = store.FigureBegun
	}
	return slices.Index(states, at)
}

// group are the evaluations of one unit or one evaluator.
type group struct {
	one          store.ProgressRow // any of them
	total, final int
}

// grouped counts evaluations by a key, the group furthest behind first. Who is excluded does not count.
func grouped(people []store.ProgressRow, key func(store.ProgressRow) int64) []group {
	at := map[int64]int{}
	var groups []group
	for _, p := range people {
		if p.State == store.EvaluationExcluded {
			continue
		}
		n, known := at[key(p)]
		if !known {
			n = len(groups)
			at[key(p)] = n
			groups = append(groups, group{one: p})
		}
		groups[n].total++
		if p.State == store.EvaluationFinal {
			groups[n].final++
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.final*b.total, b.final*a.total), cmp.Compare(b.total-b.final, a.total-a.final))
	})
	return groups
}

func lines[T any](list []T, cells func(T) []string) func(func([]string, error) bool) {
	return func(yield func([]string, error) bool) {
		for _, one := range list {
			if !yield(cells(one), nil) {
				return
			}
		}
	}
}

func evaluatorName(t *locales.Translator, p store.ProgressRow) string {
	if p.EvaluatorID == 0 {
		return t.Plain("progress.no_evaluator_name")
	}
	return p.Evaluator
}

func yes(t *locales.Translator, is bool) string {
	if is {
		return t.Plain("progress.yes")
	}
	return t.Plain("progress.no")
}
