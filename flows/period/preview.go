package period

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// formLink is the arguments of a complete form.
type formLink flows.Args

// to is a page or action with the answers of the form, and what comes after them.
func (r formLink) to(route string, more ...any) flows.Link {
	return flows.To(route, append([]any{r[0], r[1], r[2], r[3], r[4]}, more...)...)
}

// preview is the last question: all answers, what they would do, and the button that does it.
func (c conversation) preview(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	form, err := c.answers(r)
	if err != nil {
		return flows.Screen{}, err
	}
	picked, err := c.chosen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	p, err := c.store.PreviewPeriod(ctx, r.Actor.PersonID, form)
	if err != nil {
		return flows.Screen{}, err
	}
	text := flows.Lines(picked.heading(r, 5), c.dueLine(r, store.Period{ScoringDue: form.ScoringDue}), r.T.HTML("period.sees_"+string(form.Release)),
		c.unlistedLines(r.T, c.calendar.Date(form.SelfReportDue), c.calendar.Date(form.ScoringDue)), c.runningLine(r, picked.span), "\n")
	here := formLink(r.Args)
	rows := [][]flows.Button{}
	switch {
	case p.Existing != 0:
		text += "\n" + r.T.HTML("period.exists")
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("period.go_there"), "period.progress", p.Existing)))
	case p.People == 0:
		text += "\n" + flows.Lines(previewLines(r.T, p), r.T.HTML("period.nobody"))
	default:
		text += "\n" + flows.Lines(previewLines(r.T, p), c.newsLine(r))
		rows = append(rows, flows.Row(flows.Button{Label: r.T.Plain("period.open"), To: here.to("period.open"), Style: flows.Confirm}))
	}
	for _, l := range lacks(p) {
		if l.n > 0 {
			label := r.T.Plain("period.see_"+string(l.lack), locales.Args{"Number": r.T.Number(l.n)})
			rows = append(rows, flows.Row(flows.Button{Label: label, To: here.to("period.lacking", lackLetters[l.lack], 1)}))
		}
	}
	if p.Existing == 0 {
		keep, err := c.keepRows(ctx, r, form)
		if err != nil {
			return flows.Screen{}, err
		}
		rows = append(rows, keep...)
	}
	rows = append(rows, back(r.T, "period.release", r.Args[0], r.Args[1], r.Args[2], r.Args[3]))
	return flows.Screen{Text: text, Rows: rows}, nil
}

// runningLine says that a period has days to come, whose work will count too; "" once its last day is over. It may be opened
// before (PermenPANRB 6/2022, annex IV.A.14, counts the last month of a quarter as within its window).
func (c conversation) runningLine(r *flows.Request, span rules.Span) string {
	if c.today(r) > span.Last {
		return ""
	}
	return r.T.HTML("period.still_running", locales.Args{"Day": words.LongDay(r.T, span.Last)})
}

// newsLine says when evaluators will hear of a period that is opened now: at once, or when the hours of messages begin.
func (c conversation) newsLine(r *flows.Request) string {
	if due := c.allowed(r.Now); due.After(r.Now) {
		return r.T.HTML("period.told_later", locales.Args{"Moment": r.T.LongMoment(due)})
	}
	return r.T.HTML("period.told_at_once")
}

type lacking struct {
	lack store.Lack
	n    int
}

func lacks(p store.Preview) []lacking {
	return []lacking{{store.LackEvaluator, p.WithoutEvaluator}, {store.LackEvaluatorAccount, p.EvaluatorsNotLinked}, {store.LackAccount, p.NotLinked}}
}

func previewLines(t *locales.Translator, p store.Preview) string {
	number := func(key string, n int) string {
		if n == 0 {
			return ""
		}
		return t.HTML(key, locales.Args{"Number": t.Number(n)})
	}
	bare := ""
	if p.WithoutTemplate > 0 {
		units := p.BareUnits[0]
		if more := len(p.BareUnits) - 1; more > 0 {
			units = t.Plain("period.and_more", locales.Args{"Unit": units, "Number": more})
		}
		bare = t.HTML("period.count_bare", locales.Args{"Units": units, "Number": t.Number(p.WithoutTemplate)})
	}
	return flows.Lines(
		t.HTML("period.count_people", locales.Args{"Number": t.Number(p.People), "Evaluators": t.Number(p.Evaluators)}),
		number("period.count_no_evaluator", p.WithoutEvaluator),
		t.HTML("period.count_unlinked", locales.Args{"Number": t.Number(p.NotLinked), "Evaluators": t.Number(p.EvaluatorsNotLinked)}),
		number("period.count_elsewhere", p.Elsewhere), bare)
}

// lacking lists the people behind a number of the preview.
func (c conversation) lacking(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	lack, err := withLetter(lackLetters, r.Args.Word(5))
	if err != nil {
		return flows.Screen{}, err
	}
	form, err := c.answers(r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, total, page, pages, err := turn(r.Args.Int(6), listOfPeople, func(offset, limit int) ([]store.PersonLine, int, error) {
		return c.store.PreviewPeople(ctx, r.Actor.PersonID, form, lack, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	here := formLink(r.Args)
	rows := flows.Pager(r.T, page, pages, func(n int) flows.Link { return here.to("period.lacking", r.Args[5], n) })
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("period.lacking_"+string(lack), locales.Args{"Number": r.T.Number(total)}), "\n", peopleLines(r.T, lines), "\n", r.T.HTML("period.hint_"+string(lack))),
		Rows: append(rows, flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: here.to("period.preview")})),
	}, nil
}
