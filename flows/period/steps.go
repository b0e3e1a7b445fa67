package period

import (
	"context"
	"strconv"

	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// stepLink is where a step is taken.
func stepLink(s store.NextStep) flows.Link {
	switch s.Step {
	case store.StepUnits:
		return flows.To("import.home")
	case store.StepPeople:
		return flows.To("people.home")
	case store.StepIndicators:
		return flows.To("indicator.home", 1)
	case store.StepInvite, store.StepLink:
		return flows.To("admin.unlinked", 1)
	case store.StepPerformance:
		return flows.To("performance.list", s.ID, 1)
	case store.StepPeriod:
		if s.ID != 0 {
			return flows.To("period.draft", s.ID)
		}
		return flows.To("period.new")
	default:
		return flows.To("people.chains")
	}
}

// stepKey is where the sentences of a step are.
func stepKey(s store.NextStep) string {
	if s.Step == store.StepPeriod && s.ID != 0 {
		return "step.draft"
	}
	return "step." + string(s.Step)
}

// stepButton leads to where a step is taken.
func stepButton(t *locales.Translator, s store.NextStep) flows.Button {
	return flows.Button{Label: t.Plain(stepKey(s) + "_button"), To: stepLink(s)}
}

// stepLine tells the first of the steps; "" when all are done.
func stepLine(r *flows.Request, steps []store.NextStep) string {
	if len(steps) == 0 {
		return ""
	}
	return r.T.HTML("step.next", locales.Args{"What": r.T.Plain(stepKey(steps[0]), stepArgs(r.T, steps[0]))})
}

func stepArgs(t *locales.Translator, s store.NextStep) locales.Args {
	return locales.Args{"Number": t.Number(s.Number)}
}

// stepRows lead to the first of the steps, and beside it to all; none when all are done.
func stepRows(r *flows.Request, steps []store.NextStep) [][]flows.Button {
	if len(steps) == 0 {
		return nil
	}
	row := flows.Row(stepButton(r.T, steps[0]).Styled(flows.Confirm))
	if len(steps) > 1 {
		row = append(row, flows.Go(r.T.Plain("step.all", locales.Args{"Number": r.T.Number(len(steps))}), "admin.steps"))
	}
	return [][]flows.Button{row}
}

// steps lists all that the administrator's units lack, the next step first.
func (c conversation) steps(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	steps, err := c.store.Readiness(ctx, r.Actor.PersonID)
	if err != nil {
		return flows.Screen{}, err
	}
	text := []string{r.T.HTML("step.title"), "\n"}
	var rows [][]flows.Button
	for n, s := range steps {
		text = append(text, strconv.Itoa(n+1)+". "+r.T.HTML(stepKey(s), stepArgs(r.T, s)))
		rows = append(rows, flows.Row(stepButton(r.T, s)))
	}
	if len(steps) == 0 {
		text = append(text, r.T.HTML("step.none"))
	}
	return flows.Screen{Text: flows.Lines(append(text, c.calendarLine(r))...), Rows: append(rows, back(r.T, "admin.home"))}, nil
}
