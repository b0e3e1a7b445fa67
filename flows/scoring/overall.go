package scoring

import (
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// overall is the screen on which one overall rating is chosen.
func (c conversation) overall(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	side, err := sideOf(r.Args.Word(1))
	if err != nil {
		return flows.Screen{}, err
	}
	chosen, _ := sheet.Overall(side)
	lines := append([]string{r.T.HTML("scoring.overall_heading", locales.Args{"Name": sheet.Employee, "Side": words.Side(r.T, side)}), "\n"}, countLines(r.T, sheet, side)...)
	if proposed := rules.Suggested(sheet, side); proposed != "" {
		lines = append(lines, r.T.HTML("scoring.suggestion", locales.Args{"Rating": words.Rating(r.T, proposed)}))
	}
	lines = append(lines, "\n", r.T.HTML("scoring.guide_"+string(side)))
	return flows.Screen{
		Text: flows.Lines(append(lines, "\n", r.T.HTML("scoring.overall_ask"))...),
		Rows: [][]flows.Button{
			ratingRow(r, chosen, func(rating store.Rating) flows.Link { return flows.To("score.choose", sheet.ID, string(side), rating) }),
			backTo(r, "score.summary", sheet.ID),
		},
	}, nil
}

// countLines tell how what an overall rating is made of was rated: results main and additional, or attitudes and values.
func countLines(t *locales.Translator, sheet store.Sheet, side store.Side) []string {
	count := map[rules.Rated]int{}
	kinds := map[bool]int{}
	for _, rated := range rules.RatedOf(sheet, side) {
		count[rated]++
		kinds[rated.Additional]++
	}
	var lines []string
	for _, additional := range []bool{false, true} {
		sentence := "scoring.counts_" + string(side)
		switch {
		case additional && kinds[additional] == 0:
			continue
		case additional:
			sentence = "scoring.counts_additional"
		case side == store.Work && kinds[true] > 0:
			sentence = "scoring.counts_main"
		}
		of := func(rating store.Rating) int { return count[rules.Rated{Rating: rating, Additional: additional}] }
		lines = append(lines, t.HTML(sentence, locales.Args{"Above": of(store.Above), "Meets": of(store.Meets), "Below": of(store.Below)}))
	}
	return lines
}

func (c conversation) choose(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	side, err := sideOf(r.Args.Word(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	id, rating := r.Args.ID(0), r.Args.Rating(2)
	if err := c.store.ChooseOverall(ctx, r.Actor.PersonID, id, map[store.Side]store.Rating{side: rating}); err != nil {
		return flows.Outcome{}, c.explain(ctx, r, err, id)
	}
	to, err := c.afterChoice(ctx, r, id, func(owed rules.ReasonOwed) bool { return owed.Overall() && owed.Side == side })
	return flows.Outcome{To: to, Toast: storedToast(r, words.Side(r.T, side), rating)}, err
}

// afterChoice leads from an overall rating that was just chosen to the first reason of the wanted ones that is owed now, else to
// the summary.
func (c conversation) afterChoice(ctx context.Context, r *flows.Request, id int64, wanted func(rules.ReasonOwed) bool) (flows.Link, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Link{}, err
	}
	missing := rules.Check(sheet, c.MinReason)
	if n := slices.IndexFunc(missing.Reasons, wanted); n >= 0 && len(missing.Unrated) == 0 {
		return reasonLink(id, missing.Reasons[n]), nil
	}
	return flows.To("score.summary", id), nil
}

// useSuggestion takes what the system proposes for whatever is not chosen yet: the person says so with this tap.
func (c conversation) useSuggestion(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	chosen := map[store.Side]store.Rating{}
	for _, side := range sides {
		if before, _ := sheet.Overall(side); before == "" {
			chosen[side] = rules.Suggested(sheet, side)
		}
	}
	if err := c.store.ChooseOverall(ctx, r.Actor.PersonID, sheet.ID, chosen); err != nil {
		return flows.Outcome{}, c.explain(ctx, r, err, sheet.ID)
	}
	to, err := c.afterChoice(ctx, r, sheet.ID, func(rules.ReasonOwed) bool { return true })
	return flows.Outcome{To: to, Toast: r.T.Plain("scoring.suggestion_taken")}, err
}
