package people

import (
	"context"
	"errors"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// usualEvaluators is how many are offered before anything is typed.
const usualEvaluators = 4

// errReasonNeeded ends the naming of an evaluator whom the roster does not show to be entitled.
var errReasonNeeded = errors.New("a reason is needed")

// askEvaluator offers who evaluates in the person's unit already, and takes a search.
func (c conversation) askEvaluator(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	usual, _, err := c.store.EvaluatorsFor(ctx, r.Actor.PersonID, p.ID, "", 0, usualEvaluators)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(about(r, "people.evaluator_title", p), evaluatorLine(r.T, p), "\n", r.T.HTML("people.ask_evaluator"))}
	for _, e := range usual {
		if e.PersonID != p.Evaluator.PersonID {
			screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: label(r.T, e), To: sure(p, e.PersonID)}))
		}
	}
	if doubtful, err := c.doubtful(ctx, r, p); err != nil {
		return flows.Screen{}, err
	} else if doubtful {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.write_reason"), "people.evaluatorwhy", p.ID, p.Evaluator.PersonID, p.Evaluator.PersonID)))
	}
	if p.Evaluator.PersonID != 0 {
		screen.Rows = append(screen.Rows, flows.Row(flows.Button{Label: r.T.Plain("people.evaluator_nobody"), To: sure(p, 0)}))
	}
	screen.Rows = append(screen.Rows, back(r, card(p.ID)))
	return screen, nil
}

// doubtful reports that the present evaluator is one whom the roster does not show to be entitled, and that nobody has said why he is.
func (c conversation) doubtful(ctx context.Context, r *flows.Request, p store.PersonCard) (bool, error) {
	if p.Evaluator.PersonID == 0 || !p.Evaluator.Active || p.Why != "" {
		return false, nil
	}
	evaluator, err := c.store.EvaluatorFor(ctx, r.Actor.PersonID, p.ID, p.Evaluator.PersonID)
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrHimself), errors.Is(err, store.ErrCircle):
		return false, nil
	case err != nil:
		return false, err
	}
	return !rules.MayEvaluate(evaluator.PositionKind, evaluator.Position), nil
}

// sure leads to the last question before somebody becomes the evaluator; it carries who is it now.
func sure(p store.PersonCard, evaluatorID int64) flows.Link {
	return flows.To("people.evaluatorsure", p.ID, p.Evaluator.PersonID, evaluatorID)
}

// evaluatorQuery is where the draft keeps a search for an evaluator.
const evaluatorQuery = "people-evaluator"

func (c conversation) findEvaluator(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	text := words.ShortQuery(r.Text)
	found, total, err := c.store.EvaluatorsFor(ctx, r.Actor.PersonID, p.ID, text, 0, 1)
	switch {
	case err != nil:
		return flows.Outcome{}, err
	case total == 0:
		return flows.Outcome{}, flows.Refuse(r.T.Plain("people.no_candidate", locales.Args{"Text": text}), flows.Link{})
	case total == 1:
		return flows.Outcome{To: sure(p, found[0].PersonID)}, nil
	}
	r.Draft[evaluatorQuery] = text
	return flows.Outcome{To: flows.To("people.evaluators", p.ID, 1)}, nil
}

// evaluators lists who was found.
func (c conversation) evaluators(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	text := r.Draft[evaluatorQuery]
	if text == "" { // Redis was emptied, or the search was left
		return c.askEvaluator(ctx, r)
	}
	screen, total, err := choose(r, linesPerPage, r.Args.Int(1), func(n int) flows.Link { return flows.To("people.evaluators", p.ID, n) },
		func(e store.PersonFound) flows.Link { return sure(p, e.PersonID) },
		func(offset, limit int) ([]store.PersonFound, int, error) {
			return c.store.EvaluatorsFor(ctx, r.Actor.PersonID, p.ID, text, offset, limit)
		})
	if err != nil {
		return flows.Screen{}, err
	}
	screen.Text = flows.Lines(about(r, "people.evaluator_title", p), "\n", r.T.HTML("people.candidates", locales.Args{"Number": r.T.Number(total), "Text": text}))
	screen.Rows = append(screen.Rows, back(r, flows.To("people.evaluator", p.ID)))
	return screen, nil
}

// proposed reads the person and who is to be his evaluator, the zero Person for nobody; on the way it refuses what cannot be.
func (c conversation) proposed(ctx context.Context, r *flows.Request) (store.PersonCard, store.Person, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return store.PersonCard{}, store.Person{}, err
	}
	from, to := r.Args.ID(1), r.Args.ID(2)
	switch now := p.Evaluator.PersonID; {
	case now == to && from != to:
		return p, store.Person{}, flows.Refuse(r.T.Plain("people.evaluator_already"), card(p.ID))
	case now == from:
	default:
		return p, store.Person{}, flows.Refuse(r.T.Plain("people.changed"), card(p.ID))
	}
	if to == 0 {
		return p, store.Person{}, nil
	}
	evaluator, err := c.store.EvaluatorFor(ctx, r.Actor.PersonID, p.ID, to)
	return p, evaluator, refused(r, err, flows.To("people.evaluator", p.ID))
}

// sureEvaluator says what naming an evaluator means. Who is not known to be entitled needs a reason: that is the way on then.
func (c conversation) sureEvaluator(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, evaluator, err := c.proposed(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	to, way := r.Args.ID(2), "people.evaluatorset"
	lines := []string{about(r, "people.evaluator_title", p), "\n", r.T.HTML("people.evaluator_from_to", locales.Args{"From": orNobody(r.T, p.Evaluator.Name), "To": orNobody(r.T, evaluator.Name)})}
	switch {
	case to == 0:
		lines = append(lines, r.T.HTML("people.evaluator_none_means"))
	case !rules.MayEvaluate(evaluator.PositionKind, evaluator.Position):
		lines, way = append(lines, positionLine(r.T, store.PersonCard{Person: evaluator}), r.T.HTML("people.not_entitled")), "people.evaluatorwhy"
	default:
		lines = append(lines, positionLine(r.T, store.PersonCard{Person: evaluator}))
	}
	if len(p.Open) > 0 {
		lines = append(lines, "\n", r.T.HTML("people.evaluator_open", locales.Args{"Number": r.T.Number(len(p.Open))}))
	}
	label := "people.evaluator_yes"
	if way == "people.evaluatorwhy" {
		label = "people.write_reason"
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{
		flows.Row(flows.Go(r.T.Plain(label), way, p.ID, r.Args.ID(1), to).Styled(flows.Confirm)),
		back(r, flows.To("people.evaluator", p.ID)),
	}}, nil
}

// askWhy asks why somebody evaluates whom the roster does not show to be entitled.
func (c conversation) askWhy(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, evaluator, err := c.proposed(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(about(r, "people.evaluator_title", p), r.T.HTML("people.evaluator_from_to", locales.Args{"From": orNobody(r.T, p.Evaluator.Name), "To": orNobody(r.T, evaluator.Name)}),
			"\n", r.T.HTML("people.ask_why", locales.Args{"Least": c.minReason})),
		Rows: [][]flows.Button{back(r, flows.To("people.evaluatorsure", p.ID, r.Args.ID(1), r.Args.ID(2)))},
	}, nil
}

func (c conversation) setEvaluator(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.nameEvaluator(ctx, r, "")
}

func (c conversation) setEvaluatorBecause(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.another(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	text, err := c.reason(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.nameEvaluator(ctx, r, text)
}

func (c conversation) nameEvaluator(ctx context.Context, r *flows.Request, reason string) (flows.Outcome, error) {
	id, from, to := r.Args.ID(0), r.Args.ID(1), r.Args.ID(2)
	set, err := c.store.SetEvaluator(ctx, r.Actor.PersonID, id, from, to, reason, func(e store.Person) error {
		if reason == "" && !rules.MayEvaluate(e.PositionKind, e.Position) {
			return errReasonNeeded
		}
		return nil
	})
	switch {
	case errors.Is(err, errReasonNeeded):
		return flows.Outcome{To: flows.To("people.evaluatorwhy", id, from, to)}, nil
	case err != nil:
		return flows.Outcome{}, refused(r, err, card(id))
	case !set:
		return flows.Outcome{To: card(id), Toast: r.T.Plain("people.evaluator_already")}, nil
	}
	return flows.Outcome{To: card(id), Toast: r.T.Plain("people.evaluator_set")}, nil
}
