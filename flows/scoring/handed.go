package scoring

import (
	"context"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// handedStore is what tells of people who came from another evaluator, or whose result was opened again.
type handedStore interface {
	EarlierDrafts(ctx context.Context, evaluatorID, evaluationID int64) ([]store.KeptDraft, error)
	DelegationWith(ctx context.Context, personID, delegationID int64) (store.DelegationView, error)
	PartingOf(ctx context.Context, evaluatorID, evaluationID int64) (store.Parting, error)
	StandingInFor(ctx context.Context, evaluatorID int64) ([]store.DelegationView, error)
	ReopeningOf(ctx context.Context, evaluatorID, evaluationID int64) (store.Reopening, error)
}

// standingIn heads the people of a team list whom the evaluator evaluates as somebody's deputy; "" for his own.
func standingIn(r *flows.Request, m store.TeamMember) string {
	if m.DelegationID == 0 {
		return ""
	}
	until := ""
	if m.ActingUntil != nil {
		until = r.T.Day(m.ActingUntil.Add(-1))
	}
	return r.T.HTML("handed.as_deputy", locales.Args{"Capacity": r.T.Plain("assign.capacity_" + string(m.Capacity)), "Name": m.OnBehalf, "Until": until})
}

// deputyLines tell an evaluator who evaluates his people in his place now, and until when.
func (c conversation) deputyLines(ctx context.Context, r *flows.Request) ([]string, error) {
	now, err := c.store.StandingInFor(ctx, r.Actor.PersonID)
	var lines []string
	for _, d := range now {
		lines = append(lines, r.T.HTML("handed.by_deputy", locales.Args{"Capacity": r.T.Plain("assign.capacity_" + string(d.Capacity)), "Name": d.Deputy, "Until": words.Day(r.T, d.LastDay)}))
	}
	return lines, err
}

// handedLines tell on a person's page in which capacity he is evaluated, and why a result is open again.
func (c conversation) handedLines(ctx context.Context, r *flows.Request, sheet store.Sheet) ([]string, error) {
	var lines []string
	if sheet.DelegationID != 0 {
		d, err := c.store.DelegationWith(ctx, r.Actor.PersonID, sheet.DelegationID)
		if err != nil {
			return nil, err
		}
		lines = append(lines, r.T.HTML("handed.as_deputy", locales.Args{"Capacity": r.T.Plain("assign.capacity_" + string(d.Capacity)), "Name": d.Evaluator, "Until": words.Day(r.T, d.LastDay)}))
	}
	if sheet.ReopenedAt != nil {
		o, err := c.store.ReopeningOf(ctx, r.Actor.PersonID, sheet.ID)
		if err != nil {
			return nil, err
		}
		lines = append(lines, r.T.HTML("handed.reopened", locales.Args{"When": r.T.Moment(*sheet.ReopenedAt), "Reason": o.Reason}))
	}
	return lines, nil
}

// keptRow leads to what earlier evaluators rated; none when they did not.
func keptRow(r *flows.Request, sheet store.Sheet) [][]flows.Button {
	if sheet.Kept == 0 {
		return nil
	}
	return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("handed.open"), "score.earlier", sheet.ID, 1))}
}

// earlier shows what one earlier evaluator rated: information, which counts nowhere (DOMAIN: IV.A.13-14). The number is which of them. It is a look
// at what somebody else wrote, and recorded.
func (c conversation) earlier(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	kept, err := c.store.EarlierDrafts(ctx, r.Actor.PersonID, sheet.ID)
	if err != nil {
		return flows.Screen{}, err
	}
	if len(kept) == 0 { // it is his own again
		return flows.Screen{Text: flows.Lines(personHeading(r, sheet), "\n", r.T.HTML("handed.none")), Rows: [][]flows.Button{backTo(r, "score.person", sheet.ID)}}, nil
	}
	n := max(1, min(r.Args.Int(1), len(kept)))
	one := kept[n-1]
	if err := c.store.Looked(ctx, r.Actor.PersonID, "draft", one.ID); err != nil {
		return flows.Screen{}, err
	}
	who := one.Name
	if one.Capacity != "" {
		who += ", " + r.T.Plain("assign.capacity_"+string(one.Capacity))
	}
	lines := []string{personHeading(r, sheet), r.T.HTML("handed.title", locales.Args{"Name": who, "When": r.T.Moment(one.KeptAt)}), "\n"}
	for _, i := range sheet.Indicators {
		a, there := one.Draft.Answers[i.ID]
		if !there {
			continue
		}
		said := ""
		if a.Rating != "" {
			said = words.Rating(r.T, a.Rating)
		}
		lines = append(lines, r.T.HTML("handed.line", locales.Args{"Number": i.Ordinal, "Name": words.Shortened(i.Name, 60), "Rating": said}))
		for _, text := range []string{a.Reason, a.Note} {
			if text != "" {
				lines = append(lines, r.T.HTML("handed.text", locales.Args{"Text": words.Shortened(text, 120)}))
			}
		}
	}
	if one.Draft.Note != "" {
		lines = append(lines, r.T.HTML("handed.text", locales.Args{"Text": words.Shortened(one.Draft.Note, 300)}))
	}
	rows := flows.Pager(r.T, n, len(kept), func(n int) flows.Link { return flows.To("score.earlier", sheet.ID, n) })
	return flows.Screen{Text: flows.Lines(append(lines, "\n", r.T.HTML("handed.hint"))...), Rows: append(rows, backTo(r, "score.person", sheet.ID))}, nil
}
