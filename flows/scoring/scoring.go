// Package scoring is how a supervisor (Pejabat Penilai) evaluates his people: team list, indicators, reasons, summary, result set.
//
// Every tap is stored at once; there is no draft that could be lost. The person decides each rating; what the program
// proposes is called "usulan sistem".
package scoring

import (
	"context"
	"time"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
	"kinerja/store"
)

// Store is what scoring needs of the records.
type Store interface {
	Team(ctx context.Context, evaluatorID int64) ([]store.TeamMember, error)
	ToScore(ctx context.Context, evaluatorID int64) (open, all int, err error)
	SheetOf(ctx context.Context, evaluatorID, evaluationID int64) (store.Sheet, error)
	EarlierOf(ctx context.Context, sheet store.Sheet) (store.Earlier, error)
	Indicators(ctx context.Context, templateVersionID int64) ([]store.Indicator, error)
	CurrentResult(ctx context.Context, evaluatorID, evaluationID int64) (store.Result, error)
	Looked(ctx context.Context, viewerID int64, subject string, id int64) error
	ReasonsUsed(ctx context.Context, evaluatorID int64, aspect store.Aspect, rating store.Rating, limit int) ([]string, error)

	Rate(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, rating store.Rating) error
	RateRest(ctx context.Context, evaluatorID, evaluationID int64) (int, error)
	SetReason(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, reason string) error
	SetNote(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, note string) error
	ChooseOverall(ctx context.Context, evaluatorID, evaluationID int64, side store.Side, rating store.Rating) error
	SetOverallReason(ctx context.Context, evaluatorID, evaluationID int64, side store.Side, reason string) error
	SetEvaluationNote(ctx context.Context, evaluatorID, evaluationID int64, note string) error
	SetFollowUp(ctx context.Context, evaluatorID, evaluationID int64, kind store.FollowUpKind, due store.Date) error
	Finalise(ctx context.Context, evaluatorID, evaluationID int64, grace time.Duration, judge func(store.Sheet) (store.Predicate, error)) (store.Result, error)
	TakeBack(ctx context.Context, evaluatorID, evaluationID int64) error
}

// Settings of the city.
type Settings struct {
	Calendar  rules.Calendar
	Grace     time.Duration // how long a result that is released at once can be taken back
	MinReason int           // shortest written reason, in characters
}

type conversation struct {
	store Store
	Settings
}

// Register adds the conversation to the engine.
func Register(e *flows.Engine, s Store, settings Settings) {
	c := conversation{store: s, Settings: settings}

	e.Page("score.team", "n", c.team)
	e.Page("score.person", "id", c.person)
	e.Page("score.indicator", "id n", c.indicator)
	e.Page("score.values", "id", c.values)
	e.Page("score.note", "id n", c.notePage, flows.Accepts(flows.Text, "score.savenote"))
	e.Page("score.reason", "id n", c.reasonPage, flows.Accepts(flows.Text, "score.savereason"))
	e.Page("score.summary", "id", c.summary)
	e.Page("score.overall", "id word", c.overall)
	e.Page("score.followup", "id", c.followUp)
	e.Page("score.due", "id word", c.due, flows.Accepts(flows.Text, "score.savedue"))
	e.Page("score.remark", "id", c.remark, flows.Accepts(flows.Text, "score.saveremark"))
	e.Page("score.done", "id", c.done)

	e.Action("score.go", "id", c.goOn)
	e.Action("score.rate", "id n rating", c.rate)
	e.Action("score.value", "id n rating", c.rateValue)
	e.Action("score.all", "id", c.rateRest)
	e.Action("score.savenote", "id n", c.saveNote)
	e.Action("score.clearnote", "id n", c.clearNote)
	e.Action("score.savereason", "id n", c.saveReason)
	e.Action("score.phrase", "id n n", c.phrase)
	e.Action("score.choose", "id word rating", c.choose)
	e.Action("score.suggested", "id", c.useSuggestion)
	e.Action("score.setdue", "id word date", c.setDue)
	e.Action("score.savedue", "id word", c.saveDue)
	e.Action("score.saveremark", "id", c.saveRemark)
	e.Action("score.clearremark", "id", c.clearRemark)
	e.Action("score.finalise", "id", c.finalise)
	e.Action("score.takeback", "id", c.takeBack)

	e.Command(flows.To("score.team", 1), "nilai", "score")
}

// MenuEntry shows the team to whoever evaluates somebody in an open period, with how many still wait.
func MenuEntry(s Store) []account.MenuEntry {
	counted := func(want func(open, all int) bool) func(context.Context, store.Actor) (int, bool, error) {
		return func(ctx context.Context, actor store.Actor) (int, bool, error) {
			open, all, err := s.ToScore(ctx, actor.PersonID)
			return open, want(open, all), err
		}
	}
	return []account.MenuEntry{
		{Sentence: "menu.score", To: flows.To("score.team", 1), Show: counted(func(open, _ int) bool { return open > 0 })},
		{Sentence: "menu.score_done", To: flows.To("score.team", 1), Show: counted(func(open, all int) bool { return open == 0 && all > 0 })},
	}
}

// The numbers that stand for something else than an indicator in links with a number.
const (
	workNumber      = 0    // the reason of Hasil Kerja
	behaviourNumber = 1000 // the reason of Perilaku Kerja; a template has far fewer indicators
)

// sheet reads an evaluation of this evaluator.
func (c conversation) sheet(ctx context.Context, r *flows.Request) (store.Sheet, error) {
	return c.store.SheetOf(ctx, r.Actor.PersonID, r.Args.ID(0))
}

// indicatorAt finds an indicator by its place in the template; ErrNotFound when there is none.
func indicatorAt(sheet store.Sheet, ordinal int) (store.Indicator, error) {
	for _, i := range sheet.Indicators {
		if i.Ordinal == ordinal {
			return i, nil
		}
	}
	return store.Indicator{}, store.ErrNotFound
}

// next is where scoring goes on: the first unrated indicator after the given one, then any unrated one, then the summary.
// The indicators of perilaku, the seven values, stand on one screen.
func next(sheet store.Sheet, after int) flows.Link {
	var first *store.Indicator
	for n := range sheet.Indicators {
		i := &sheet.Indicators[n]
		if _, rated := sheet.Answers[i.ID]; rated {
			continue
		}
		if i.Ordinal > after {
			return pageOf(sheet, *i)
		}
		if first == nil {
			first = i
		}
	}
	if first != nil {
		return pageOf(sheet, *first)
	}
	return flows.To("score.summary", sheet.ID)
}

// pageOf is the page on which an indicator is rated.
func pageOf(sheet store.Sheet, i store.Indicator) flows.Link {
	if i.Aspect == store.Perilaku && len(valuesOf(sheet)) <= maxValues {
		return flows.To("score.values", sheet.ID)
	}
	return flows.To("score.indicator", sheet.ID, i.Ordinal)
}

// maxValues is how many indicators fit on one screen with a row of buttons each, and a row to go on.
const maxValues = 7

func valuesOf(sheet store.Sheet) []store.Indicator {
	var values []store.Indicator
	for _, i := range sheet.Indicators {
		if i.Aspect == store.Perilaku {
			values = append(values, i)
		}
	}
	return values
}
