package assignment

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// askExclude asks why somebody is left out: II.C.8, and who is no civil servant of the city any more.
func (c conversation) askExclude(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if e.State != store.EvaluationOpen {
		return flows.Screen{}, flows.Refuse(r.T.Plain("assign.meanwhile"), flows.To("assign.show", e.ID))
	}
	var buttons []flows.Button
	for _, reason := range store.ExclusionReasons() {
		button := flows.Go(r.T.Plain("assign.reason_"+string(reason)), "assign.excludesure", e.ID, string(reason))
		if reason == store.OtherwiseExcluded {
			button.To = flows.To("assign.words", e.ID)
		}
		buttons = append(buttons, button)
	}
	return flows.Screen{
		Text: flows.Lines(title(r, e), "\n", r.T.HTML("assign.exclude_ask"), r.T.HTML("assign.exclude_what")),
		Rows: append(flows.Pack(perRow, buttons...), back(r, "assign.show", e.ID)),
	}, nil
}

func (c conversation) askWords(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{Text: flows.Lines(title(r, e), "\n", r.T.HTML("assign.exclude_words")), Rows: [][]flows.Button{back(r, "assign.exclude", e.ID)}}, nil
}

// longest is how many characters a reason may have.
const longest = 500

// written is a reason that was typed: one line, long enough, and not the phrase that it begins with.
func (c conversation) written(r *flows.Request) (string, error) {
	text := strings.Join(strings.Fields(r.Text), " ")
	switch n := utf8.RuneCountInString(text); {
	case n < c.reason || strings.Contains(text, "(...)"):
		return "", flows.Refuse(r.T.Plain("assign.reason_short", locales.Args{"Least": c.reason}), flows.Link{})
	case n > longest:
		return "", flows.Refuse(r.T.Plain("assign.reason_long", locales.Args{"Most": longest}), flows.Link{})
	}
	return text, nil
}

func (c conversation) saveWords(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.evaluation(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	text, err := c.written(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	r.Draft[draftWords] = excludedWords(r) + text
	return flows.Outcome{To: flows.To("assign.excludesure", r.Args.ID(0), string(store.OtherwiseExcluded))}, nil
}

// excludedWords begins what is kept of a reason in words: it is for one evaluation.
func excludedWords(r *flows.Request) string { return strconv.FormatInt(r.Args.ID(0), 10) + ":" }

// chosenReason is the reason of the second argument, with the words that were typed for it. Where these are gone they are asked for again.
func chosenReason(r *flows.Request) (store.Exclusion, error) {
	reason := store.ExclusionReason(r.Args.Word(1))
	if !slices.Contains(store.ExclusionReasons(), reason) {
		return store.Exclusion{}, flows.ErrBadLink
	}
	x := store.Exclusion{Reason: reason}
	if reason != store.OtherwiseExcluded {
		return x, nil
	}
	text, kept := strings.CutPrefix(r.Draft[draftWords], excludedWords(r))
	if !kept {
		return x, flows.Refuse(r.T.Plain("assign.typed_gone"), flows.To("assign.words", r.Args.ID(0)))
	}
	x.Words = text
	return x, nil
}

// sureExclude says who is left out and why, what becomes of what was filled in, and who is told.
func (c conversation) sureExclude(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if e.State != store.EvaluationOpen {
		return flows.Screen{}, flows.Refuse(r.T.Plain("assign.meanwhile"), flows.To("assign.show", e.ID))
	}
	x, err := chosenReason(r)
	if err != nil {
		return flows.Screen{}, err
	}
	draft := "assign.exclude_nothing"
	if e.Begun {
		draft = "assign.exclude_draft"
	}
	args := locales.Args{"Evaluator": e.Evaluator}
	return flows.Screen{
		Text: flows.Lines(title(r, e), r.T.HTML("assign.exclude_reason", locales.Args{"Reason": reasonText(r.T, x)}), "\n", r.T.HTML("assign.exclude_means"),
			r.T.HTML(draft, args), r.T.HTML("assign.exclude_"+toldOf(e, x.Reason), args)),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("assign.exclude_yes"), "assign.leaveout", e.ID, string(x.Reason)).Styled(flows.Danger)),
			back(r, "assign.exclude", e.ID),
		},
	}, nil
}

// toldOf says who hears of an exclusion: nothing is sent to somebody who has died, and nobody else where there is no evaluator.
func toldOf(e store.AdminEvaluation, reason store.ExclusionReason) string {
	switch {
	case reason == store.HasDied && e.EvaluatorID == nil:
		return "nobody"
	case reason == store.HasDied:
		return "evaluator"
	case e.EvaluatorID == nil:
		return "employee"
	}
	return "both"
}

// exclude leaves somebody out, for a reason of the list or for the words that were typed.
func (c conversation) exclude(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	e, err := c.evaluation(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	to := flows.To("assign.show", e.ID)
	if e.State == store.EvaluationExcluded { // tapped twice
		return flows.Outcome{To: to}, nil
	}
	x, err := chosenReason(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if err := c.store.Exclude(ctx, r.Actor.PersonID, e.ID, x.Reason, x.Words); err != nil {
		return flows.Outcome{}, c.explain(r, err, to)
	}
	delete(r.Draft, draftWords)
	return flows.Outcome{To: to, Toast: r.T.Plain("assign.excluded_" + toldOf(e, x.Reason))}, nil
}

func (c conversation) include(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	to := flows.To("assign.show", r.Args.ID(0))
	if err := c.store.Include(ctx, r.Actor.PersonID, r.Args.ID(0)); err != nil {
		return flows.Outcome{}, c.explain(r, err, to)
	}
	return flows.Outcome{To: to, Toast: r.T.Plain("assign.included_now")}, nil
}

func reasonText(t *locales.Translator, x store.Exclusion) string {
	if x.Reason == store.OtherwiseExcluded {
		return x.Words
	}
	return t.Plain("assign.reason_" + string(x.Reason))
}

// late lists who has no evaluation in a period. What is typed is a search.
func (c conversation) late(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id, text := r.Args.ID(0), r.Draft[queryLate]
	var period store.AdminPeriod
	lines, total, page, pages, err := turn(r.Args.Int(1), func(offset, limit int) (lines []store.Without, n int, err error) {
		period, lines, n, err = c.store.WithoutEvaluation(ctx, r.Actor.PersonID, id, text, offset, limit)
		return lines, n, err
	})
	if err != nil {
		return flows.Screen{}, err
	}
	shown := []string{r.T.HTML("assign.late_title", locales.Args{"Period": words.NameOfPeriod(r.T, period), "Number": r.T.Number(total)})}
	if text != "" {
		shown = append(shown, r.T.HTML("assign.found", locales.Args{"Text": text}))
	}
	shown = append(shown, "\n")
	var names []string
	for n, l := range lines {
		key := "assign.late_person"
		if l.Evaluator == "" {
			key = "assign.late_alone"
		}
		names = append(names, l.Name)
		shown = append(shown, r.T.HTML(key, locales.Args{"Number": (page-1)*perPage + n + 1, "Name": l.Name, "Unit": l.Unit, "Evaluator": l.Evaluator}))
	}
	if total == 0 {
		return flows.Screen{Text: flows.Lines(append(shown, r.T.HTML("assign.late_none"))...), Rows: [][]flows.Button{back(r, "assign.people", id, "all", 1)}}, nil
	}
	rows := numbered(names, (page-1)*perPage, func(n int) flows.Link { return flows.To("assign.add", id, lines[n].PersonID) }, func(int) string { return "➕" })
	if text == "" && total > 1 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.late_all", locales.Args{"Number": r.T.Number(total)}), "assign.addask", id)))
	}
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("assign.late", id, n) })...)
	return flows.Screen{Text: flows.Lines(append(shown, "\n", r.T.HTML("assign.late_hint"))...), Rows: append(rows, back(r, "assign.people", id, "all", 1))}, nil
}

func (c conversation) findLate(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id, text := r.Args.ID(0), words.ShortQuery(r.Text)
	_, _, total, err := c.store.WithoutEvaluation(ctx, r.Actor.PersonID, id, text, 0, 1)
	if err != nil {
		return flows.Outcome{}, err
	}
	if total == 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.none_found", locales.Args{"Text": text}), flows.Link{})
	}
	r.Draft[queryLate] = text
	return flows.Outcome{To: flows.To("assign.late", id, 1)}, nil
}

// add gives one person his evaluation.
func (c conversation) add(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.addLate(ctx, r, r.Args.ID(1))
}

// askAddAll asks once more: somebody who is added can only be left out again with a reason.
func (c conversation) askAddAll(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	id := r.Args.ID(0)
	period, _, total, err := c.store.WithoutEvaluation(ctx, r.Actor.PersonID, id, "", 0, 1)
	if err != nil {
		return flows.Screen{}, err
	}
	if total == 0 {
		return flows.Screen{Text: r.T.HTML("assign.late_none"), Rows: [][]flows.Button{back(r, "assign.people", id, "all", 1)}}, nil
	}
	lines := []string{r.T.HTML("assign.late_title", locales.Args{"Period": words.NameOfPeriod(r.T, period), "Number": r.T.Number(total)}), "\n",
		r.T.HTML("assign.late_sure", locales.Args{"Number": r.T.Number(min(total, store.LateAtOnce))})}
	if total > store.LateAtOnce {
		lines = append(lines, r.T.HTML("assign.late_part", locales.Args{"Number": store.LateAtOnce}))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{
		flows.Row(flows.Go(r.T.Plain("assign.late_yes", locales.Args{"Number": r.T.Number(min(total, store.LateAtOnce))}), "assign.addall", id).Styled(flows.Confirm)),
		back(r, "assign.late", id, 1)}}, nil
}

func (c conversation) addAll(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.addLate(ctx, r)
}

func (c conversation) addLate(ctx context.Context, r *flows.Request, listed ...int64) (flows.Outcome, error) {
	to := flows.To("assign.late", r.Args.ID(0), 1)
	added, err := c.store.AddLate(ctx, r.Actor.PersonID, r.Args.ID(0), listed...)
	switch {
	case err != nil:
		return flows.Outcome{}, c.explain(r, err, to)
	case added == 0:
		return flows.Outcome{To: to, Toast: r.T.Plain("assign.late_already")}, nil
	}
	delete(r.Draft, queryLate)
	return flows.Outcome{To: to, Toast: r.T.Plain("assign.late_added", locales.Args{"Number": r.T.Number(added)})}, nil
}
