// Package scoring is how a supervisor (Pejabat Penilai) evaluates his people: team list, indicators, reasons, summary, result set.
//
// Every tap is stored at once; there is no draft that could be lost. The person decides each rating; what the program
// proposes is called "usulan sistem".
package scoring

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf16"

	"kinerja/flows"
	"kinerja/flows/account"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what scoring needs of the records. Every method answers for the evaluations of the given evaluator only.
type Store interface {
	Team(ctx context.Context, evaluatorID int64) ([]store.TeamMember, error)
	TeamThen(ctx context.Context, evaluatorID, periodID int64) ([]store.TeamMember, error)
	PastPeriodsOf(ctx context.Context, evaluatorID int64) ([]store.PastPeriod, error)
	TalkAboutEvaluation(ctx context.Context, evaluatorID, evaluationID int64) (store.TalkView, error)
	Leads(ctx context.Context, personID int64) (bool, error)
	ToScore(ctx context.Context, evaluatorID int64) (open, all int, err error)
	PerformanceFor(ctx context.Context, evaluatorID, periodID int64) (store.OwnPerformance, error)
	PublishedBy(ctx context.Context, evaluatorID, periodID int64) (store.PublishedResults, error)
	UnscoredBy(ctx context.Context, evaluatorID int64) ([]store.ClosedGap, error)
	UnevaluatedIn(ctx context.Context, employeeID int64) ([]store.ClosedGap, error)
	ContactsFor(ctx context.Context, unitID, askerID int64) ([]store.Contact, error)
	ScoringDebts(ctx context.Context, evaluatorID int64) ([]store.ScoringDebt, error)
	SheetOf(ctx context.Context, evaluatorID, evaluationID int64) (store.Sheet, error)
	EarlierOf(ctx context.Context, evaluatorID int64, sheet store.Sheet) (store.Earlier, error)
	Indicators(ctx context.Context, templateVersionID int64) ([]store.Indicator, error)
	Indicator(ctx context.Context, id int64) (store.Indicator, error)
	CurrentResult(ctx context.Context, evaluatorID, evaluationID int64) (store.Result, error)
	PersonalHeld(ctx context.Context, evaluatorID, personID int64) (may bool, results int, err error)
	Looked(ctx context.Context, viewerID int64, subject string, id int64) error
	ReasonsUsed(ctx context.Context, evaluatorID int64, indicator store.Indicator, rating store.Rating, limit int) ([]string, error)
	ReasonsGiven(ctx context.Context, evaluatorID, periodID int64) ([]string, error)

	Rate(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, rating store.Rating) error
	RateRest(ctx context.Context, evaluatorID, evaluationID int64) (rated, kept int, err error)
	SetReason(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, reason string) error
	SetNote(ctx context.Context, evaluatorID, evaluationID, indicatorID int64, note string) error
	ChooseOverall(ctx context.Context, evaluatorID, evaluationID int64, chosen map[store.Side]store.Rating) error
	SetOverallReason(ctx context.Context, evaluatorID, evaluationID int64, side store.Side, rating store.Rating, reason string) error
	SetEvaluationNote(ctx context.Context, evaluatorID, evaluationID int64, note string) error
	NameTraining(ctx context.Context, evaluatorID, evaluationID int64, name string) error
	FollowUpsOf(ctx context.Context, evaluatorID int64, sheet store.Sheet) ([]store.FollowUp, error)
	ReportFollowUp(ctx context.Context, side store.FollowUpSide, personID, resultID int64, done bool) (changed bool, err error)
	OpenFollowUps(ctx context.Context, evaluatorID int64) ([]store.TeamFollowUp, error)
	SetFollowUp(ctx context.Context, evaluatorID, evaluationID int64, kind store.FollowUpKind, due store.Date) error
	Finalise(ctx context.Context, evaluatorID, evaluationID int64, grace time.Duration, judge func(store.Sheet) (store.Predicate, error)) (store.Result, error)
	TakeBack(ctx context.Context, evaluatorID, evaluationID int64) error

	othersStore
	handedStore
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

// Register adds the conversation to the engine. The first id in its links is that of the evaluation.
func Register(e *flows.Engine, s Store, settings Settings) {
	c := conversation{store: s, Settings: settings}
	c.registerPages(e)
	c.registerOthers(e)

	e.Action("score.rate", "id id rating", c.rate) // the second is the indicator
	e.Action("score.value", "id id rating", c.rateValue)
	e.Action("score.all", "id", c.rateRest)
	e.Action("score.savenote", "id n", c.saveNote)
	e.Action("score.clearnote", "id n", c.clearNote)
	e.Action("score.textnote", "id n", c.textNote) // 0 is the note on the whole
	e.Action("score.savereason", "id word", c.saveReason)
	e.Action("score.phrase", "id word word", c.phrase)
	e.Action("score.choose", "id word rating", c.choose)
	e.Action("score.suggested", "id", c.useSuggestion)
	e.Action("score.setdue", "id word date", c.setDue)
	e.Action("score.savedue", "id word", c.saveDue)
	e.Action("score.clearfollowup", "id", c.clearFollowUp)
	e.Action("score.savetraining", "id", c.saveTraining)
	e.Action("score.cleartraining", "id", c.clearTraining)
	e.Action("score.followupdone", "id id", c.followUpDone) // the second is the result in which it was agreed
	e.Action("score.followupundone", "id id", c.followUpUndone)
	e.Action("score.saveremark", "id", c.saveRemark)
	e.Action("score.clearremark", "id", c.clearRemark)
	e.Action("score.savedraft", "id", c.saveDraft)
	e.Action("score.finalise", "id", c.finalise)
	e.Action("score.confirmed", "id word", c.confirmed) // the second is the predicate that the question named
	e.Action("score.takeback", "id", c.takeBack)

	e.Message(store.KindClosedUnscored, "id", c.tellClosed)
	e.Message(store.KindPublished, "id", c.tellPublished)
	e.Command(flows.To("score.team", 1), "nilai", "score")
}

func (c conversation) registerPages(e *flows.Engine) {
	leave := flows.Instead("account.cancel", "score.savedraft") // /batal says what is stored
	e.Page("score.team", "n", c.team)
	e.Page("score.period", "id n", c.teamOfPeriod) // the first is the period
	e.Page("score.teamof", "id", c.teamAround)
	e.Page("score.pasts", "n", c.pasts)
	e.Page("score.past", "id n", c.past) // the first is the closed period
	e.Page("score.followups", "n", c.followUps)
	e.Page("score.person", "id", c.person, leave)
	e.Page("score.earlier", "id n", c.earlier)
	e.Page("score.done", "id", c.done)
	e.Page("score.indicator", "id n", c.indicator, leave)
	e.Page("score.agreed", "id", c.agreed, flows.Aside)
	e.Page("score.pattern", "id n", c.pattern, leave) // the first is the period, the second the evaluation it was opened from

	// What can be changed is shown only while it can; afterwards the person's page says why not.
	open := func(route, spec string, draw sheetPage, options ...flows.RouteOption) {
		if len(options) == 0 { // it asks for no text
			draw = noting(draw)
		}
		e.Page(route, spec, c.whileOpen(draw), append(options, leave)...)
	}
	open("score.next", "id n", c.next)
	open("score.valuesat", "id n", c.valuesAt)
	open("score.valued", "id n", c.valued)
	open("score.each", "id n", c.each)
	open("score.note", "id n", c.note, flows.Accepts(flows.Text, "score.savenote"))
	open("score.reason", "id word", c.reason, flows.Accepts(flows.Text, "score.savereason"), flows.Aside)
	open("score.summary", "id", c.summary)
	open("score.confirm", "id", c.confirm)
	open("score.overall", "id word", c.overall)
	open("score.followup", "id", c.followUp)
	open("score.due", "id word", c.due, flows.Accepts(flows.Text, "score.savedue"))
	open("score.training", "id", c.training, flows.Accepts(flows.Text, "score.savetraining"))
	open("score.remark", "id", c.remark, flows.Accepts(flows.Text, "score.saveremark"))
}

// MenuEntry shows the team to whoever evaluates somebody in an open period, with how many still wait until when.
func MenuEntry(s Store, calendar rules.Calendar) account.MenuEntry {
	return account.MenuEntry{To: flows.To("score.team", 1), Command: "score", Help: "help.evaluator", Draw: func(ctx context.Context, r *flows.Request) (account.MenuLine, error) {
		open, all, err := s.ToScore(ctx, r.Actor.PersonID)
		switch {
		case err != nil:
			return account.MenuLine{}, err
		case all == 0:
			return betweenPeriods(ctx, r, s)
		case open == 0:
			return account.MenuLine{Label: r.T.Plain("menu.score_done")}, nil
		}
		debts, err := s.ScoringDebts(ctx, r.Actor.PersonID)
		line := account.MenuLine{Label: r.T.Plain("menu.score", locales.Args{"Number": open})}
		for _, d := range debts {
			key := "menu.waits"
			if len(debts) > 1 {
				key = "menu.waits_in"
			}
			line.Waits = append(line.Waits, r.T.HTML(key, locales.Args{"Number": d.Open, "Period": words.PeriodName(r.T, d.Kind, d.FirstDay),
				"Deadline": words.Deadline(r.T, calendar, r.Now, d.Due)}))
		}
		return line, err
	}}
}

// betweenPeriods is the menu of who evaluates nobody now: his team of before stays to be read. Who leads people keeps his command, which need not
// go and come with every period.
func betweenPeriods(ctx context.Context, r *flows.Request, s Store) (account.MenuLine, error) {
	past, err := s.PastPeriodsOf(ctx, r.Actor.PersonID)
	if err != nil || len(past) > 0 {
		return account.MenuLine{Label: r.T.Plain("menu.team")}, err
	}
	leads, err := s.Leads(ctx, r.Actor.PersonID)
	return account.MenuLine{Uses: leads}, err
}

// sheetPage draws a page of an evaluation that can be changed.
type sheetPage func(ctx context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error)

// whileOpen reads the evaluation, in one statement, and draws the page, or the person's page when nothing can be changed any more.
func (c conversation) whileOpen(draw sheetPage) flows.Page {
	return func(ctx context.Context, r *flows.Request) (flows.Screen, error) {
		sheet, err := c.sheet(ctx, r)
		if err != nil {
			return flows.Screen{}, err
		}
		if !sheet.Open() {
			return c.person(ctx, r)
		}
		return draw(ctx, r, sheet)
	}
}

// sheet reads an evaluation of this evaluator.
func (c conversation) sheet(ctx context.Context, r *flows.Request) (store.Sheet, error) {
	sheet, err := c.store.SheetOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if errors.Is(err, store.ErrNotFound) {
		err = c.parted(ctx, r, err, r.Args.ID(0))
	}
	return sheet, err
}

// parted says since when somebody is not any more the evaluator's to evaluate, on an old button; of one who never was it says what is said of a missing one.
func (c conversation) parted(ctx context.Context, r *flows.Request, missing error, evaluationID int64) error {
	parting, err := c.store.PartingOf(ctx, r.Actor.PersonID, evaluationID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return missing
	case err != nil:
		return err
	}
	key := "handed.gone"
	if parting.Excluded {
		key = "handed.excluded"
	}
	return flows.Refuse(r.T.Plain(key, locales.Args{"Name": parting.Employee, "Since": r.T.Moment(parting.Since)}), flows.To("score.team", 1))
}

// explain turns "cannot be changed now" into a sentence with the page that shows why.
func (c conversation) explain(ctx context.Context, r *flows.Request, err error, evaluationID int64) error {
	switch {
	case errors.Is(err, store.ErrFinal):
		return flows.Refuse(r.T.Plain("scoring.is_final"), flows.To("score.person", evaluationID))
	case errors.Is(err, store.ErrClosed):
		return flows.Refuse(r.T.Plain("scoring.is_closed"), flows.To("score.person", evaluationID))
	case errors.Is(err, store.ErrNotFound):
		return c.parted(ctx, r, err, evaluationID)
	default:
		return err
	}
}

// maxTyped bounds what is typed, in characters as Telegram counts them: it has to fit into a message with all the rest.
const maxTyped = 500

// typed reads what was typed; a Refusal when it is too long.
func typed(r *flows.Request) (string, error) {
	text := strings.TrimSpace(r.Text)
	return text, fits(r, text)
}

// fits is a Refusal when a text is too long.
func fits(r *flows.Request, text string) error {
	if n := len(utf16.Encode([]rune(text))); n > maxTyped {
		return flows.Refuse(r.T.Plain("scoring.too_long", locales.Args{"Number": n, "Limit": maxTyped}), flows.Link{})
	}
	return nil
}

// backToCame leads back to the page of this evaluation from which the present one was opened, else to the summary.
func backToCame(r *flows.Request) []flows.Button {
	to := flows.To("score.summary", r.Args.ID(0))
	if came := r.Came(); strings.HasPrefix(came.Route, "score.") && len(came.Args) > 0 && came.Args[0] == r.Args.Word(0) {
		to = came
	}
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// backTo is the row that leads out of an inner screen.
func backTo(r *flows.Request, route string, args ...any) []flows.Button {
	return flows.Row(flows.Go(r.T.Plain("common.back"), route, args...))
}
