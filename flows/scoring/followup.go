package scoring

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf16"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// followUpKinds in the order in which they are offered.
var followUpKinds = []store.FollowUpKind{store.Coaching, store.Mentoring, store.Training, store.SpecialTask, store.Counselling} //nolint:gochecknoglobals // a constant list

// longestFollowUp is how far a follow-up may reach; what is further is a slip of the finger.
const longestFollowUp = 2 // years

func followUpKind(word string) (store.FollowUpKind, error) {
	for _, k := range followUpKinds {
		if string(k) == word {
			return k, nil
		}
	}
	return "", flows.ErrBadLink
}

// mustFollowUp reports whether the chosen ratings come to a predicate that needs a follow-up.
func mustFollowUp(sheet store.Sheet) bool {
	predicate, err := rules.Predicate(sheet.WorkRating, sheet.BehaviourRating)
	return err == nil && rules.BelowGood(predicate)
}

// followUp asks what is done so that the work gets better.
func (c conversation) followUp(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	lines := []string{r.T.HTML("followup.heading", locales.Args{"Name": sheet.Employee}), "\n", r.T.HTML("followup.ask")}
	if mustFollowUp(sheet) {
		lines = append(lines, r.T.HTML("followup.why"))
	}
	var rows [][]flows.Button
	for _, kind := range followUpKinds {
		b := flows.Go(words.FollowUp(r.T, kind), "score.due", sheet.ID, string(kind))
		if kind == sheet.FollowUpKind {
			b = b.Styled(flows.Chosen)
			b.Label = "● " + b.Label
		}
		rows = append(rows, flows.Row(b))
	}
	if sheet.FollowUpKind == store.Training {
		lines = append(lines, "\n", agreedLine(r, sheet))
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("followup.name_training"), "score.training", sheet.ID)))
	}
	if sheet.FollowUpKind != "" && !mustFollowUp(sheet) {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("followup.clear"), "score.clearfollowup", sheet.ID)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, "score.summary", sheet.ID))}, nil
}

// due asks until when.
func (c conversation) due(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	kind, err := followUpKind(r.Args.Word(1))
	if err != nil {
		return flows.Screen{}, err
	}
	var rows [][]flows.Button
	for _, months := range []int{1, 3, 6} {
		day := c.Calendar.NextWorkday(monthsAfter(c.Calendar.Date(r.Now), months))
		label := r.T.Plain("followup.months", locales.Args{"Count": months, "Day": words.LongDay(r.T, day)})
		rows = append(rows, flows.Row(flows.Go(label, "score.setdue", sheet.ID, string(kind), day)))
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("followup.due_heading", locales.Args{"Name": sheet.Employee, "Kind": words.FollowUp(r.T, kind)}), "\n", r.T.HTML("followup.due_ask")),
		Rows: append(rows, backTo(r, "score.followup", sheet.ID)),
	}, nil
}

// monthsAfter is the same day so many months later, or the last of that month when it is shorter: three months after
// 30 November is 28 February.
func monthsAfter(day store.Date, months int) store.Date {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return day // a calendar gives days only
	}
	first := time.Date(d.Year(), d.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return store.Date(first.AddDate(0, 0, min(d.Day(), last)-1).Format(time.DateOnly))
}

func (c conversation) setDue(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.storeDue(ctx, r, store.Date(r.Args.Word(2)))
}

// saveDue takes a typed day.
func (c conversation) saveDue(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	day, ok := words.ReadDay(r.T, r.Text, c.Calendar.Date(r.Now))
	if !ok {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("followup.not_a_day"), flows.To("score.due", r.Args.ID(0), r.Args.Word(1)))
	}
	return c.storeDue(ctx, r, day)
}

func (c conversation) storeDue(ctx context.Context, r *flows.Request, due store.Date) (flows.Outcome, error) {
	kind, err := followUpKind(r.Args.Word(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	if _, err := time.Parse(time.DateOnly, string(due)); err != nil {
		return flows.Outcome{}, flows.ErrBadLink
	}
	id, today := r.Args.ID(0), c.Calendar.Date(r.Now)
	here := flows.To("score.due", id, string(kind))
	switch {
	case due <= today:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("followup.past"), here)
	case due > monthsAfter(today, 12*longestFollowUp):
		return flows.Outcome{}, flows.Refuse(r.T.Plain("followup.too_far", locales.Args{"Years": longestFollowUp}), here)
	}
	outcome, err := c.setFollowUp(ctx, r, kind, due, "followup.stored")
	if err == nil && kind == store.Training {
		outcome.To = flows.To("score.training", id)
	}
	return outcome, err
}

// longestTraining is how many characters the name of a training may have, as Telegram counts them.
const longestTraining = 100

// training asks what training it is, which may be left open.
func (c conversation) training(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	if sheet.FollowUpKind != store.Training { // it was agreed otherwise meanwhile
		return flows.Screen{}, flows.Refuse(r.T.Plain("followup.no_training"), flows.To("score.followup", sheet.ID))
	}
	rows := [][]flows.Button{flows.Row(flows.Go(r.T.Plain("followup.skip_name"), "score.summary", sheet.ID))}
	if sheet.FollowUpName != "" {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("followup.clear_name"), "score.cleartraining", sheet.ID)))
	}
	return flows.Screen{
		Text: flows.Lines(r.T.HTML("followup.heading", locales.Args{"Name": sheet.Employee}), agreedLine(r, sheet), "\n", r.T.HTML("followup.ask_training")),
		Rows: append(rows, backTo(r, "score.followup", sheet.ID)),
	}, nil
}

func (c conversation) saveTraining(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	name := strings.Join(strings.Fields(r.Text), " ")
	if n := len(utf16.Encode([]rune(name))); n > longestTraining {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("scoring.too_long", locales.Args{"Number": n, "Limit": longestTraining}), flows.Link{})
	}
	return c.nameTraining(ctx, r, name, "followup.named_stored")
}

func (c conversation) clearTraining(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.nameTraining(ctx, r, "", "followup.name_cleared")
}

func (c conversation) nameTraining(ctx context.Context, r *flows.Request, name, toast string) (flows.Outcome, error) {
	id := r.Args.ID(0)
	err := c.store.NameTraining(ctx, r.Actor.PersonID, id, name)
	if errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrFinal) && !errors.Is(err, store.ErrClosed) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("followup.no_training"), flows.To("score.followup", id))
	}
	if err != nil {
		return flows.Outcome{}, c.explain(ctx, r, err, id)
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain(toast)}, nil
}

// agreedLine is what is agreed in an evaluation.
func agreedLine(r *flows.Request, sheet store.Sheet) string {
	return r.T.HTML("scoring.followup_is", locales.Args{"Kind": words.Agreed(r.T, sheet.FollowUpKind, sheet.FollowUpName), "Due": words.LongDay(r.T, sheet.FollowUpDue)})
}

func (c conversation) clearFollowUp(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.setFollowUp(ctx, r, "", "", "followup.cleared")
}

func (c conversation) setFollowUp(ctx context.Context, r *flows.Request, kind store.FollowUpKind, due store.Date, toast string) (flows.Outcome, error) {
	id := r.Args.ID(0)
	if err := c.store.SetFollowUp(ctx, r.Actor.PersonID, id, kind, due); err != nil {
		return flows.Outcome{}, c.explain(ctx, r, err, id)
	}
	return flows.Outcome{To: flows.To("score.summary", id), Toast: r.T.Plain(toast)}, nil
}
