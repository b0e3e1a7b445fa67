package people

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"kinerja/flows"
	"kinerja/flows/roster"
	"kinerja/flows/rules"
	"kinerja/flows/tree"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// The questions about a new person, in their order; the sixth, about his evaluator, is that of everybody, when he is on the roster. The second
// is asked only where the NIP is unlikely, and is part of the first.
const (
	stepNIP = iota + 1
	stepReason
	stepName
	stepUnit
	stepPosition
	stepKind
	stepSure
)

// shownStep is the number of a question as people count.
var shownStep = map[int]int{stepNIP: 1, stepReason: 1, stepName: 2, stepUnit: 3, stepPosition: 4, stepKind: 5} //nolint:gochecknoglobals // a constant table

// Where the draft keeps the answers: it outlives every command, and /batal leaves it.
const (
	draftNIP      = "people-new-nip"
	draftReason   = "people-new-reason"
	draftName     = "people-new-name"
	draftUnit     = "people-new-unit"
	draftPosition = "people-new-position"
	draftKind     = "people-new-kind"
	draftMade     = "people-new-made" // who was put on the roster last
)

// nextStep is the first question without an answer.
func (c conversation) nextStep(r *flows.Request) int {
	nip := rules.NIP(r.Draft[draftNIP])
	switch {
	case nip == "":
		return stepNIP
	case r.Draft[draftReason] == "" && len(c.doubts(r, nip)) > 0:
		return stepReason
	case r.Draft[draftName] == "":
		return stepName
	case r.Draft[draftUnit] == "":
		return stepUnit
	case r.Draft[draftPosition] == "":
		return stepPosition
	case r.Draft[draftKind] == "":
		return stepKind
	}
	return stepSure
}

// askNew asks one question of the form; 1 goes on where the form was left. A question behind one without an answer waits for that.
func (c conversation) askNew(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	step := c.stepOf(r)
	if step == stepUnit {
		return c.newUnit(r, scope, 0, 1)
	}
	lines := append([]string{newTitle(r, step)}, c.answered(r, scope)...)
	screen := flows.Screen{}
	switch step {
	case stepReason:
		lines = append(append(append(lines, "\n"), c.doubts(r, rules.NIP(r.Draft[draftNIP]))...), r.T.HTML("people.ask_reason", locales.Args{"Least": c.minReason}))
	case stepKind:
		lines = append(lines, "\n", r.T.HTML("people.ask_kind"))
		for n, kind := range kinds {
			screen.Rows = append(screen.Rows, flows.Row(flows.Go(kindName(r.T, kind), "people.newkind", fmt.Sprintf("k%d", n))))
		}
	case stepSure:
		lines = append(lines, "\n", r.T.HTML("people.new_sure"))
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.new_yes"), "people.newsave").Styled(flows.Confirm)))
	default:
		lines = append(lines, "\n", r.T.HTML(map[int]string{stepNIP: "people.new_nip", stepName: "people.ask_name", stepPosition: "people.ask_position"}[step]))
	}
	screen.Text = flows.Lines(lines...)
	screen.Rows = append(screen.Rows, backFrom(r, step))
	return screen, nil
}

// stepOf is the question that is asked: the one of the button, or an earlier one that has no answer. The first one that has, with others
// behind it, is where the form was left.
func (c conversation) stepOf(r *flows.Request) int {
	next := c.nextStep(r)
	if wanted := r.Args.Int(0); wanted > stepNIP && wanted < next || wanted == 0 {
		return max(stepNIP, wanted)
	}
	return next
}

func newTitle(r *flows.Request, step int) string {
	if shown := shownStep[step]; shown > 0 {
		return r.T.HTML("people.new_title", locales.Args{"Step": shown})
	}
	return r.T.HTML("people.new_title_sure")
}

// answered are the answers so far.
func (c conversation) answered(r *flows.Request, scope store.Scope) []string {
	var lines []string
	if nip := r.Draft[draftNIP]; nip != "" {
		lines = append(lines, r.T.HTML("people.nip", locales.Args{"NIP": rules.NIP(nip).Grouped()}), reasonLine(r, r.Draft[draftReason]))
	}
	lines = append(lines, locales.Escape(r.Draft[draftName]))
	if unit := unitOf(r); unit != 0 {
		lines = append(lines, r.T.HTML("people.unit", locales.Args{"Unit": scope.Name(unit)}))
	}
	if r.Draft[draftPosition] != "" {
		kind, err := kindOf(r.Draft[draftKind])
		if err != nil {
			kind = ""
		}
		lines = append(lines, positionLine(r.T, store.PersonCard{Person: store.Person{Position: r.Draft[draftPosition], PositionKind: kind}}))
	}
	return lines
}

// unitOf is the unit that was chosen; 0 for none.
func unitOf(r *flows.Request) int64 {
	if r.Draft[draftUnit] == "" {
		return 0
	}
	return flows.Args{r.Draft[draftUnit]}.ID(0)
}

// backFrom leads to the question before, so that its answer can be given anew.
func backFrom(r *flows.Request, step int) []flows.Button {
	switch step {
	case stepNIP:
		return back(r, flows.To("people.home"))
	case stepReason, stepName:
		return back(r, flows.To("people.new", 0))
	default:
		return back(r, flows.To("people.new", step-1))
	}
}

// answer takes what was typed for a question.
func (c conversation) answer(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	next := flows.To("people.new", 1)
	switch c.stepOf(r) {
	case stepNIP:
		return c.answerNIP(ctx, r)
	case stepReason:
		text, err := c.reason(r)
		if err != nil {
			return flows.Outcome{}, err
		}
		r.Draft[draftReason] = text
	case stepName:
		return c.answerText(r, store.FieldName, draftName)
	case stepUnit:
		return c.findNewUnit(ctx, r)
	case stepPosition:
		return c.answerText(r, store.FieldPosition, draftPosition)
	default:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("people.use_buttons"), flows.Link{})
	}
	return flows.Outcome{To: next}, nil
}

func (c conversation) answerText(r *flows.Request, f store.PersonField, key string) (flows.Outcome, error) {
	value, problems := roster.Typed(f, r.T.Plain("people.field_"+string(f)), r.Text)
	if len(problems) > 0 {
		return flows.Outcome{}, problem(r, problems)
	}
	r.Draft[key] = value
	return flows.Outcome{To: flows.To("people.new", 1)}, nil
}

// answerNIP leads to the card of whoever has the NIP already, if he is the administrator's.
func (c conversation) answerNIP(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	nip, problems := roster.Typed(store.FieldNIP, r.T.Plain("people.field_nip"), r.Text)
	if len(problems) > 0 {
		return flows.Outcome{}, problem(r, problems)
	}
	known, err := c.store.PersonByNIP(ctx, nip)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return flows.Outcome{}, err
	default:
		scope, err := c.administrator(ctx, r)
		if err == nil && scope.Covers(known.UnitID) {
			err = flows.Refuse(r.T.Plain("people.new_known"), card(known.ID))
		} else if err == nil {
			err = flows.Refuse(r.T.Plain("people.nip_taken"), flows.Link{})
		}
		return flows.Outcome{}, err
	}
	r.Draft[draftNIP], r.Draft[draftReason] = nip, ""
	return flows.Outcome{To: flows.To("people.new", 1)}, nil
}

// newWalk is the way through the tree to the unit of a new person.
func newWalk() tree.Walk {
	return tree.Walk{
		At:    func(unit int64, page int) flows.Link { return flows.To("people.newunit", unit, page) },
		Leaf:  func(unit int64) flows.Link { return flows.To("people.newin", unit) },
		Found: func(page int) flows.Link { return flows.To("people.newfound", page) },
		Query: "people-unit", None: "period.no_unit",
	}
}

func (c conversation) askNewUnit(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return c.newUnit(r, scope, r.Args.ID(0), r.Args.Int(1))
}

// newUnit asks in which unit he is, at a unit of the tree.
func (c conversation) newUnit(r *flows.Request, scope store.Scope, unitID int64, page int) (flows.Screen, error) {
	at, err := tree.Place(scope, unitID)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := append([]string{newTitle(r, stepUnit)}, c.answered(r, scope)...)
	screen := flows.Screen{Text: flows.Lines(append(lines, partsLine(r, scope, at), "\n", r.T.HTML("people.ask_new_unit"))...)}
	if at != 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: scope.Name(at), To: newWalk().Leaf(at)}.Styled(flows.Confirm)))
	}
	screen.Rows = append(screen.Rows, treeRows(r, newWalk(), scope, at, page)...)
	screen.Rows = append(screen.Rows, back(r, newWalk().Up(scope, at, flows.To("people.new", stepName))))
	return screen, nil
}

func (c conversation) findNewUnit(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	found := tree.Of(scope, scope.Matching(words.ShortQuery(r.Text)))
	if len(found) == 1 && newWalk().To(found[0]).Route == newWalk().Leaf(found[0].ID).Route { // it is the answer
		r.Draft[draftUnit] = strconv.FormatInt(found[0].ID, 10)
		return flows.Outcome{To: flows.To("people.new", 1)}, nil
	}
	return newWalk().Take(r, found)
}

func (c conversation) newUnitFound(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	found := tree.Of(scope, scope.Matching(r.Draft[newWalk().Query]))
	screen := flows.Screen{Text: flows.Lines(newTitle(r, stepUnit), "\n", newWalk().Title(r, found, "people.ask_new_unit")), Rows: foundRows(r, newWalk(), found, r.Args.Int(0))}
	screen.Rows = append(screen.Rows, back(r, newWalk().At(0, 1)))
	return screen, nil
}

func (c conversation) newIn(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	scope, err := c.administrator(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if !scope.Covers(r.Args.ID(0)) {
		return flows.Outcome{}, store.ErrNotFound
	}
	r.Draft[draftUnit] = r.Args.Word(0)
	return flows.Outcome{To: flows.To("people.new", 1)}, nil
}

func (c conversation) newKind(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	if _, err := kindOf(r.Args.Word(0)); err != nil {
		return flows.Outcome{}, err
	}
	r.Draft[draftKind] = r.Args.Word(0)
	return flows.Outcome{To: flows.To("people.new", 1)}, nil
}

// justMade is who was put on the roster a moment ago, where nothing was answered since: the tap is the second of two. 0 for nobody.
func justMade(r *flows.Request) int64 {
	var id, at int64
	if _, err := fmt.Sscan(r.Draft[draftMade], &id, &at); err != nil || r.Draft[draftNIP] != "" || r.Now.Sub(time.Unix(at, 0)) > time.Minute {
		return 0
	}
	return id
}

// saveNew puts the person on the roster and goes on with the last question, who evaluates him.
func (c conversation) saveNew(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	if id := justMade(r); id != 0 {
		return flows.Outcome{To: flows.To("people.evaluator", id), Toast: r.T.Plain("people.new_done")}, nil
	}
	kind, err := kindOf(r.Draft[draftKind])
	if err != nil || c.nextStep(r) != stepSure {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("people.form_gone"), flows.To("people.new", 1))
	}
	entry := store.PersonEntry{NIP: r.Draft[draftNIP], Name: r.Draft[draftName], Position: r.Draft[draftPosition], PositionKind: kind}
	made, err := c.store.NewPerson(ctx, r.Actor.PersonID, entry, unitOf(r), r.Draft[draftReason])
	if err != nil {
		return flows.Outcome{}, refused(r, err, flows.To("people.new", 1))
	}
	for _, key := range []string{draftNIP, draftReason, draftName, draftUnit, draftPosition, draftKind} {
		delete(r.Draft, key)
	}
	r.Draft[draftMade] = fmt.Sprintf("%d %d", made.ID, r.Now.Unix())
	return flows.Outcome{To: flows.To("people.evaluator", made.ID), Toast: r.T.Plain("people.new_done")}, nil
}
