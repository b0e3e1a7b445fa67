// Package skp is where an evaluator writes down the results (hasil kerja) that one of his people has of his own, his SKP, and where that
// person reads them. Only work results are personal; attitude and behaviour stay those of the unit.
//
// Each change is a new version at once and counts from the next opening (PermenPANRB 6/2022 art. 14(2): the SKP grows during the year); an open
// evaluation in which nothing is said yet takes them over by a tap. Every link carries the version that its screen showed.
package skp

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"kinerja/flows"
	"kinerja/flows/indicator"
	"kinerja/flows/rules"
	"kinerja/flows/scoring"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// Store is what the conversation needs of the records. Every method answers to who evaluates the person by the roster of that moment, but
// those that end in Of, which answer to the person himself.
type Store interface {
	PersonalTeam(ctx context.Context, evaluatorID int64, offset, limit int) ([]store.PersonalLine, int, error)
	PersonalFor(ctx context.Context, evaluatorID, personID int64) (store.Personal, error)
	PersonalOf(ctx context.Context, personID int64) (store.Personal, error)
	PersonalHistory(ctx context.Context, evaluatorID, personID int64, offset, limit int) ([]store.PersonalVersionLine, int, error)
	PersonalSources(ctx context.Context, evaluatorID, personID int64, offset, limit int) ([]store.PersonalLine, int, error)
	PersonalOpenings(ctx context.Context, evaluatorID int64, own store.Personal) ([]store.PersonalOpening, error)
	PersonalOpeningsOf(ctx context.Context, own store.Personal) ([]store.PersonalOpening, error)
	Looked(ctx context.Context, viewerID int64, subject string, id int64) error

	ChangePersonal(ctx context.Context, evaluatorID, personID, seen int64, change store.PersonalChange) (store.Personal, error)
	TakePersonal(ctx context.Context, evaluatorID, personID, seen, evaluationID int64) error
}

type conversation struct{ store Store }

// Register adds the conversation to the engine. The first argument is the person, the second the version that was seen, 0 for none, the third
// the place of a result.
func Register(e *flows.Engine, s Store) {
	c := conversation{store: s}
	inside := flows.Within("skp.home")
	text := func(action string) flows.RouteOption { return flows.Accepts(flows.Text, action) }
	e.Page("skp.team", "n", c.team)
	e.Page("skp.home", "id", c.home, flows.Aside)
	e.Page("skp.preview", "id n", c.preview, inside)
	e.Page("skp.history", "id n", c.history, inside)
	e.Action("skp.mode", "id unit word", c.setMode)
	e.Page("skp.sure", "id unit id", c.sureTake, inside) // the third is the evaluation
	e.Action("skp.take", "id unit id", c.take)

	e.Page("skp.plan", "id unit", c.askPlan, text("skp.create"), inside)
	e.Action("skp.create", "id unit", c.create)
	e.Page("skp.ask", "id unit n word", c.ask, text("skp.answer"), inside)
	e.Action("skp.answer", "id unit n word", c.answer)
	e.Action("skp.choose", "id unit n word word", c.choose) // the question, and the answer

	e.Page("skp.item", "id unit n", c.item, inside)
	e.Page("skp.field", "id unit n word", c.askField, text("skp.save"), inside)
	e.Action("skp.save", "id unit n word", c.save)
	e.Action("skp.pick", "id unit n word word", c.pick)
	e.Action("skp.clear", "id unit n word", c.clear)
	e.Page("skp.also", "id unit n", c.askAlso, text("skp.addto"), inside)
	e.Action("skp.addto", "id unit n", c.addTo)
	e.Action("skp.move", "id unit n word", c.move)
	e.Page("skp.drop", "id unit n", c.askDrop, inside)
	e.Action("skp.remove", "id unit n", c.remove)

	e.Page("skp.copy", "id unit n", c.askCopy, inside)
	e.Page("skp.copyfrom", "id unit unit", c.confirmCopy, inside) // the third is the person, 0 for the unit
	e.Action("skp.docopy", "id unit unit unit", c.copy)

	e.Page("skp.mine", "n", c.mine)
	e.Message(store.KindPersonalChanged, "", c.tellChanged)
}

const (
	perPage         = 6  // people, versions
	numbersPerRow   = 7  // buttons that are a number only
	changesInLine   = 3  // of the history
	longestInChange = 40 // characters
	leftOutNamed    = 5  // results of the unit for which there is no room
)

func homeLink(personID int64) flows.Link { return flows.To("skp.home", personID) }

func backTo(r *flows.Request, to flows.Link) []flows.Button {
	return flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: to})
}

// seen reads what the person of the first argument has, which must be in the version of the second.
func (c conversation) seen(ctx context.Context, r *flows.Request) (store.Personal, error) {
	own, err := c.store.PersonalFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err == nil && own.VersionID != r.Args.ID(1) {
		err = c.explain(r, store.ErrTemplateChanged)
	}
	return own, err
}

// change makes a new version of what the person of the first argument has, if it is still in the version of the second.
func (c conversation) change(ctx context.Context, r *flows.Request, change func([]store.Indicator) ([]store.Indicator, error)) (store.Personal, error) {
	own, err := c.store.ChangePersonal(ctx, r.Actor.PersonID, r.Args.ID(0), r.Args.ID(1), func(list []store.Indicator, instead bool) ([]store.Indicator, bool, error) {
		list, err := change(list)
		return list, instead, err
	})
	return own, c.explain(r, err)
}

// explain turns what cannot be done now into a sentence with the newest version.
func (c conversation) explain(r *flows.Request, err error) error {
	home := homeLink(r.Args.ID(0))
	switch {
	case errors.Is(err, store.ErrTemplateChanged):
		return flows.Refuse(r.T.Plain("skp.changed_meanwhile"), home)
	case errors.Is(err, store.ErrTooManyIndicators):
		return flows.Refuse(r.T.Plain("skp.too_many", locales.Args{"Limit": store.MaxIndicators}), home)
	case errors.Is(err, store.ErrRated):
		return flows.Refuse(r.T.Plain("skp.begun"), home)
	case errors.Is(err, store.ErrFinal), errors.Is(err, store.ErrClosed):
		return flows.Refuse(r.T.Plain("skp.over"), home)
	}
	return err
}

func title(r *flows.Request, own store.Personal) string {
	return r.T.HTML("skp.title", locales.Args{"Name": own.Name})
}

// team lists whom the evaluator judges by the roster, with how many results each has of his own.
func (c conversation) team(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	lines, total, page, pages, err := flows.ReadPart(r.Args.Int(0), perPage, func(offset, limit int) ([]store.PersonalLine, int, error) {
		return c.store.PersonalTeam(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(r.T.HTML("skp.team_title"), "\n", r.T.HTML("skp.team"))}
	if total == 0 {
		screen.Text = flows.Lines(r.T.HTML("skp.team_title"), "\n", r.T.HTML("skp.team_none"))
	}
	for _, l := range lines {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: personLabel(r, l), To: homeLink(l.PersonID)}))
	}
	screen.Rows = append(screen.Rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("skp.team", n) })...)
	screen.Rows = append(screen.Rows, backTo(r, flows.To("score.team", 1)))
	return screen, nil
}

func personLabel(r *flows.Request, l store.PersonalLine) string {
	key := "skp.person_none"
	if l.Results > 0 {
		key = "skp.person_" + modeWord(l.Instead)
	}
	return r.T.Plain(key, locales.Args{"Name": words.Shortened(l.Name, 40), "Number": l.Results})
}

// modeWord is the word in links and keys for whether own results take the place of those of the unit.
func modeWord(instead bool) string {
	if instead {
		return "instead"
	}
	return "beside"
}

// home is what a person has of his own, with all that can be done with it.
func (c conversation) home(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, err := c.store.PersonalFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	openings, err := c.store.PersonalOpenings(ctx, r.Actor.PersonID, own)
	if err != nil {
		return flows.Screen{}, err
	}
	if err := c.store.Looked(ctx, r.Actor.PersonID, "personal", own.PersonID); err != nil {
		return flows.Screen{}, err
	}
	lines := append([]string{title(r, own), locales.Escape(own.Position)}, ownLines(r, own)...)
	opened, rows := openingLines(r, own, openings)
	lines = append(append(lines, "\n", r.T.HTML("skp.from_next_period")), opened...)
	rows = append(rows, numberRows(own)...)
	rows = append(rows,
		flows.Row(flows.Go(r.T.Plain("skp.add"), "skp.plan", own.PersonID, own.VersionID), flows.Go(r.T.Plain("indicator.copy"), "skp.copy", own.PersonID, own.VersionID, 1)))
	if len(own.Results) > 0 {
		other := modeWord(!own.Instead)
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("skp.make_"+other), "skp.mode", own.PersonID, own.VersionID, other)))
	}
	if own.VersionID != 0 {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("indicator.preview"), "skp.preview", own.PersonID, 0), flows.Go(r.T.Plain("indicator.history"), "skp.history", own.PersonID, 1)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backRow(r, openings))}, nil
}

// backRow leads to the person's open evaluation or to the page of the list from which one came, else to the list. A card that was opened for
// somebody else keeps where that one came from, so the evaluation must be this person's.
func backRow(r *flows.Request, openings []store.PersonalOpening) []flows.Button {
	came, to := r.Came(), flows.To("skp.team", 1)
	his := slices.ContainsFunc(openings, func(o store.PersonalOpening) bool {
		return came.String() == flows.To("score.person", o.EvaluationID).String()
	})
	if his || came.Route == "skp.team" {
		to = came
	}
	return backTo(r, to)
}

// ownLines list the results, and say what they are to those of the unit.
func ownLines(r *flows.Request, own store.Personal) []string {
	if len(own.Results) == 0 {
		return []string{"\n", r.T.HTML("skp.none")}
	}
	lines := []string{"\n", r.T.HTML("skp.is_" + modeWord(own.Instead))}
	lines = append(append(lines, indicator.Lines(r, own.Results)...), leftOut(r, own))
	args := locales.Args{"Version": own.Version, "When": r.T.Moment(own.ChangedAt), "Who": own.ChangedBy}
	if own.ChangedBy == "" {
		args["Who"] = r.T.Plain("skp.by_import")
	}
	return append(lines, "\n", r.T.HTML("skp.changed", args))
}

// openingLines tell of each open evaluation whether these results count in it, with a button where they can.
func openingLines(r *flows.Request, own store.Personal, openings []store.PersonalOpening) (lines []string, rows [][]flows.Button) {
	for _, o := range openings {
		args := locales.Args{"Period": words.PeriodName(r.T, o.Kind, o.FirstDay)}
		switch {
		case o.Counts && len(own.Results) == 0:
		case o.Counts:
			lines = append(lines, r.T.HTML("skp.counts", args))
		case o.Begun:
			lines = append(lines, r.T.HTML("skp.counts_later", args))
		default:
			lines = append(lines, r.T.HTML("skp.counts_not", args))
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("skp.take", args), "skp.sure", own.PersonID, own.VersionID, o.EvaluationID)))
		}
	}
	return lines, rows
}

func numberRows(own store.Personal) [][]flows.Button {
	var rows [][]flows.Button
	for n := range own.Results {
		if n%numbersPerRow == 0 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], flows.Go(strconv.Itoa(n+1), "skp.item", own.PersonID, own.VersionID, n+1))
	}
	return rows
}

// preview shows what the evaluator will see.
func (c conversation) preview(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, err := c.store.PersonalFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	to := func(place int) flows.Link { return flows.To("skp.preview", own.PersonID, place) }
	screen := scoring.Preview(r, own.Merged(), r.Args.Int(1), to, backTo(r, homeLink(own.PersonID)))
	screen.Text = flows.Lines(r.T.HTML("indicator.preview_hint"), leftOut(r, own), "\n", screen.Text)
	return screen, nil
}

// leftOut names results of the unit for which there is no room beside those of one's own; "" for none.
func leftOut(r *flows.Request, own store.Personal) string {
	left := own.LeftOut()
	if len(left) == 0 {
		return ""
	}
	var names []string
	for _, i := range left[:min(len(left), leftOutNamed)] {
		names = append(names, words.Shortened(i.Name, longestInChange))
	}
	if more := len(left) - len(names); more > 0 {
		names = append(names, r.T.Plain("skp.left_more", locales.Args{"Number": more}))
	}
	return r.T.HTML("skp.left_out", locales.Args{"Limit": store.MaxIndicators, "Names": strings.Join(names, "; ")})
}

// setMode lets the results take the place of those of the unit, or stand beside them.
func (c conversation) setMode(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	word := r.Args.Word(2)
	if word != modeWord(true) && word != modeWord(false) {
		return flows.Outcome{}, flows.ErrBadLink
	}
	own, err := c.store.ChangePersonal(ctx, r.Actor.PersonID, r.Args.ID(0), r.Args.ID(1), func(list []store.Indicator, _ bool) ([]store.Indicator, bool, error) {
		return list, word == modeWord(true), nil
	})
	if err != nil {
		return flows.Outcome{}, c.explain(r, err)
	}
	return flows.Outcome{To: homeLink(own.PersonID), Toast: r.T.Plain("indicator.stored")}, nil
}

// sureTake says what an open evaluation would be about, before the results are taken into it.
func (c conversation) sureTake(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	openings, err := c.store.PersonalOpenings(ctx, r.Actor.PersonID, own)
	if err != nil {
		return flows.Screen{}, err
	}
	at := slices.IndexFunc(openings, func(o store.PersonalOpening) bool { return o.EvaluationID == r.Args.ID(2) })
	if at < 0 || openings[at].Counts || openings[at].Begun {
		return flows.Screen{}, flows.Refuse(r.T.Plain("skp.no_more"), homeLink(own.PersonID))
	}
	key := "skp.sure_" + modeWord(own.Instead)
	if len(own.Results) == 0 {
		key = "skp.sure_none"
	}
	args := locales.Args{"Period": words.PeriodName(r.T, openings[at].Kind, openings[at].FirstDay), "Number": len(own.Results), "All": len(own.Merged())}
	return flows.Screen{
		Text: flows.Lines(title(r, own), "\n", r.T.HTML(key, args), leftOut(r, own), "\n", r.T.HTML("skp.sure_last")),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("skp.take_yes"), "skp.take", own.PersonID, own.VersionID, r.Args.ID(2)).Styled(flows.Confirm)),
			backTo(r, homeLink(own.PersonID)),
		},
	}, nil
}

// take lets the results count in an open evaluation in which nothing is said yet.
func (c conversation) take(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	personID := r.Args.ID(0)
	if err := c.store.TakePersonal(ctx, r.Actor.PersonID, personID, r.Args.ID(1), r.Args.ID(2)); err != nil {
		return flows.Outcome{}, c.explain(r, err)
	}
	return flows.Outcome{To: homeLink(personID), Toast: r.T.Plain("skp.taken")}, nil
}

// history lists the versions, each with what it changed.
func (c conversation) history(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, err := c.store.PersonalFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	versions, _, page, pages, err := flows.ReadPart(r.Args.Int(1), perPage, func(offset, limit int) ([]store.PersonalVersionLine, int, error) {
		return c.store.PersonalHistory(ctx, r.Actor.PersonID, own.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{title(r, own), "\n"}
	for _, v := range versions {
		args := locales.Args{"Version": v.Version, "When": r.T.Moment(v.CreatedAt), "Who": v.By}
		if v.By == "" {
			args["Who"] = r.T.Plain("skp.by_import")
		}
		lines = append(lines, r.T.HTML("indicator.version_line", args))
		before := store.PersonalVersionLine{}
		if v.Before != nil {
			before = *v.Before
		}
		found := rules.Differences(before.Results, v.Results)
		if v.Instead != before.Instead {
			lines = append(lines, "• "+r.T.HTML("skp.is_"+modeWord(v.Instead)))
		}
		if len(found) > 0 {
			lines = append(lines, words.Differences(r.T, found, changesInLine, longestInChange)...)
		}
	}
	rows := flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("skp.history", own.PersonID, n) })
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, homeLink(own.PersonID)))}, nil
}
