package scoring

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// maxTyped bounds what is typed, in characters: it has to fit into a message with all the rest.
const maxTyped = 500

// goOn leads to what comes next for a person.
func (c conversation) goOn(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if !sheet.Open() {
		return flows.Outcome{To: flows.To("score.person", sheet.ID)}, nil
	}
	return flows.Outcome{To: next(sheet, 0)}, nil
}

// rate stores one rating and goes on to the next indicator at once.
func (c conversation) rate(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.rated(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	i, err := indicatorAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: next(sheet, i.Ordinal), Toast: c.stored(r, i)}, nil
}

// rateValue stores the rating of a value and stays on the screen of the values.
func (c conversation) rateValue(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.rated(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	i, err := indicatorAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("score.values", sheet.ID), Toast: c.stored(r, i)}, nil
}

func (c conversation) stored(r *flows.Request, i store.Indicator) string {
	return r.T.Plain("scoring.stored", locales.Args{"Indicator": i.Name, "Rating": words.Rating(r.T, r.Args.Rating(2))})
}

// rated stores the rating that the request carries and returns the sheet as it is then.
func (c conversation) rated(ctx context.Context, r *flows.Request) (store.Sheet, error) {
	before, err := c.sheet(ctx, r)
	if err != nil {
		return store.Sheet{}, err
	}
	i, err := indicatorAt(before, r.Args.Int(1))
	if err != nil {
		return store.Sheet{}, err
	}
	rating := r.Args.Rating(2)
	if err := c.store.Rate(ctx, r.Actor.PersonID, before.ID, i.ID, rating); err != nil {
		return store.Sheet{}, c.explain(r, err, before.ID)
	}
	before.Answers[i.ID] = store.Answer{EvaluationID: before.ID, IndicatorID: i.ID, Rating: rating}
	return before, nil
}

// explain turns "cannot be changed now" into a sentence with the page that shows why.
func (c conversation) explain(r *flows.Request, err error, evaluationID int64) error {
	switch {
	case errors.Is(err, store.ErrFinal):
		return flows.Refuse(r.T.Plain("scoring.is_final"), flows.To("score.person", evaluationID))
	case errors.Is(err, store.ErrClosed):
		return flows.Refuse(r.T.Plain("scoring.is_closed"), flows.To("score.person", evaluationID))
	default:
		return err
	}
}

// rateRest is "Semua sesuai ekspektasi": what has a rating keeps it, the rest meets the expectation.
func (c conversation) rateRest(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	rated, err := c.store.RateRest(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Outcome{}, c.explain(r, err, id)
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain("scoring.rest_stored", locales.Args{"Number": rated})}, nil
}

// typed reads what was typed; a Refusal when it is too long.
func typed(r *flows.Request) (string, error) {
	text := strings.TrimSpace(r.Text)
	if n := utf8.RuneCountInString(text); n > maxTyped {
		return "", flows.Refuse(r.T.Plain("scoring.too_long", locales.Args{"Number": n, "Limit": maxTyped}), flows.Link{})
	}
	return text, nil
}

func (c conversation) saveNote(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text, err := typed(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.setNote(ctx, r, text)
}

func (c conversation) clearNote(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.setNote(ctx, r, "")
}

func (c conversation) setNote(ctx context.Context, r *flows.Request, text string) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	i, err := indicatorAt(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	back := flows.To("score.indicator", sheet.ID, i.Ordinal)
	err = c.store.SetNote(ctx, r.Actor.PersonID, sheet.ID, i.ID, text)
	switch {
	case errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrFinal) && !errors.Is(err, store.ErrClosed):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("scoring.rate_first"), back)
	case err != nil:
		return flows.Outcome{}, c.explain(r, err, sheet.ID)
	}
	return flows.Outcome{To: back, Toast: r.T.Plain("scoring.note_stored")}, nil
}

// saveReason takes a typed reason.
func (c conversation) saveReason(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text, err := typed(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.setReason(ctx, r, text)
}

// phrase takes a reason that was tapped.
func (c conversation) phrase(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	about, err := subjectOf(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	phrases, err := c.phrases(ctx, r, about)
	if err != nil {
		return flows.Outcome{}, err
	}
	n := r.Args.Int(2)
	if n >= len(phrases) {
		return flows.Outcome{}, store.ErrNotFound
	}
	return c.setReason(ctx, r, phrases[n])
}

// setReason stores a reason and goes on to the next one that is owed, or to the summary.
func (c conversation) setReason(ctx context.Context, r *flows.Request, text string) (flows.Outcome, error) {
	if !rules.ReasonSuffices(text, c.MinReason) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("reason.too_short", locales.Args{"Minimum": c.MinReason}), flows.To("score.reason", r.Args.ID(0), r.Args.Int(1)))
	}
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	about, err := subjectOf(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	if about.Overall() {
		err = c.store.SetOverallReason(ctx, r.Actor.PersonID, sheet.ID, about.Side, text)
	} else {
		err = c.store.SetReason(ctx, r.Actor.PersonID, sheet.ID, about.Indicator.ID, text)
	}
	if err != nil {
		return flows.Outcome{}, c.explain(r, err, sheet.ID)
	}
	after, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	to := flows.To("score.summary", sheet.ID)
	if owed := rules.Check(after, c.MinReason).Reasons; len(owed) > 0 {
		to = reasonPage(sheet.ID, owed[0])
	}
	return flows.Outcome{To: to, Toast: r.T.Plain("reason.stored")}, nil
}

// sideOf reads a side out of a link; ErrBadLink for any other word.
func sideOf(word string) (store.Side, error) {
	side := store.Side(word)
	if side != store.Work && side != store.Behaviour {
		return "", flows.ErrBadLink
	}
	return side, nil
}

func (c conversation) choose(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	side, err := sideOf(r.Args.Word(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	id, rating := r.Args.ID(0), r.Args.Rating(2)
	if err := c.store.ChooseOverall(ctx, r.Actor.PersonID, id, side, rating); err != nil {
		return flows.Outcome{}, c.explain(r, err, id)
	}
	toast := r.T.Plain("scoring.stored", locales.Args{"Indicator": words.Side(r.T, side), "Rating": words.Rating(r.T, rating)})
	return flows.Outcome{To: flows.To("score.summary", id), Toast: toast}, nil
}

// useSuggestion takes what the system proposes for whatever is not chosen yet: the person says so with this tap.
func (c conversation) useSuggestion(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	for _, side := range []store.Side{store.Work, store.Behaviour} {
		chosen, _ := rules.Overall(sheet.Evaluation, side)
		proposed := rules.Suggest(sheet.Ratings(rules.AspectsOf(side)...))
		if chosen != "" || proposed == "" {
			continue
		}
		if err := c.store.ChooseOverall(ctx, r.Actor.PersonID, sheet.ID, side, proposed); err != nil {
			return flows.Outcome{}, c.explain(r, err, sheet.ID)
		}
	}
	return flows.Outcome{To: flows.To("score.summary", sheet.ID), Toast: r.T.Plain("scoring.suggestion_taken")}, nil
}

// followUpKinds in the order in which they are offered.
var followUpKinds = []store.FollowUpKind{store.Coaching, store.Mentoring, store.Training, store.SpecialTask, store.Counselling} //nolint:gochecknoglobals // a constant list

func followUpKind(word string) (store.FollowUpKind, error) {
	for _, k := range followUpKinds {
		if string(k) == word {
			return k, nil
		}
	}
	return "", flows.ErrBadLink
}

func (c conversation) setDue(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.storeDue(ctx, r, store.Date(r.Args.Word(2)))
}

// saveDue takes a typed day such as 31-3-2027 or 31/03/2027.
func (c conversation) saveDue(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text := strings.NewReplacer("/", "-", ".", "-", " ", "-").Replace(strings.TrimSpace(r.Text))
	day, err := time.Parse("2-1-2006", text)
	if err != nil {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("followup.not_a_day"), flows.Link{})
	}
	return c.storeDue(ctx, r, store.Date(day.Format(time.DateOnly)))
}

func (c conversation) storeDue(ctx context.Context, r *flows.Request, due store.Date) (flows.Outcome, error) {
	kind, err := followUpKind(r.Args.Word(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	if _, err := time.Parse(time.DateOnly, string(due)); err != nil {
		return flows.Outcome{}, flows.ErrBadLink
	}
	id := r.Args.ID(0)
	if due <= c.Calendar.Date(r.Now) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("followup.past"), flows.To("score.due", id, string(kind)))
	}
	if err := c.store.SetFollowUp(ctx, r.Actor.PersonID, id, kind, due); err != nil {
		return flows.Outcome{}, c.explain(r, err, id)
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain("followup.stored")}, nil
}

func (c conversation) saveRemark(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text, err := typed(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.setRemark(ctx, r, text)
}

func (c conversation) clearRemark(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.setRemark(ctx, r, "")
}

func (c conversation) setRemark(ctx context.Context, r *flows.Request, text string) (flows.Outcome, error) {
	id := r.Args.ID(0)
	if err := c.store.SetEvaluationNote(ctx, r.Actor.PersonID, id, text); err != nil {
		return flows.Outcome{}, c.explain(r, err, id)
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain("scoring.note_stored")}, nil
}

// incomplete stops a finalisation; it carries what is missing.
type incomplete struct{ rules.Missing }

func (incomplete) Error() string { return "evaluation is not complete" }

// finalise sets the result, or leads to the first thing that is missing.
func (c conversation) finalise(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	_, err := c.store.Finalise(ctx, r.Actor.PersonID, id, c.Grace, func(sheet store.Sheet) (store.Predicate, error) {
		if missing := rules.Check(sheet, c.MinReason); !missing.None() {
			return "", incomplete{missing}
		}
		return rules.Predicate(sheet.WorkRating, sheet.BehaviourRating)
	})
	var lacking incomplete
	switch {
	case errors.As(err, &lacking):
		return flows.Outcome{}, flows.Refuse(c.sentenceFor(r, lacking.Missing), placeOf(id, lacking.Missing))
	case err != nil:
		return flows.Outcome{}, c.explain(r, err, id)
	}
	return flows.Outcome{To: flows.To("score.done", id), Toast: r.T.Plain("scoring.finalised")}, nil
}

func (c conversation) sentenceFor(r *flows.Request, m rules.Missing) string {
	switch {
	case len(m.Unrated) > 0:
		return r.T.Plain("scoring.missing_ratings", locales.Args{"Number": len(m.Unrated)})
	case len(m.Overall) > 0:
		return r.T.Plain("scoring.missing_overall")
	case len(m.Reasons) > 0:
		return r.T.Plain("scoring.missing_reasons", locales.Args{"Number": len(m.Reasons)})
	default:
		return r.T.Plain("scoring.missing_followup")
	}
}

// placeOf is where the first missing thing is given.
func placeOf(id int64, m rules.Missing) flows.Link {
	switch {
	case len(m.Unrated) > 0, len(m.Overall) > 0:
		return flows.To("score.summary", id)
	case len(m.Reasons) > 0:
		return reasonPage(id, m.Reasons[0])
	default:
		return flows.To("score.followup", id)
	}
}

// takeBack opens a set evaluation again, until its employee may have seen the result.
func (c conversation) takeBack(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	err := c.store.TakeBack(ctx, r.Actor.PersonID, id)
	switch {
	case errors.Is(err, store.ErrReleased):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("scoring.released"), flows.To("score.person", id))
	case err != nil:
		return flows.Outcome{}, c.explain(r, err, id)
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain("scoring.taken_back")}, nil
}
