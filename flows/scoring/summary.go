package scoring

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// quadrantLines draw where two ratings meet, with the words beside it.
func quadrantLines(r *flows.Request, work, behaviour store.Rating) []string {
	lines := []string{
		r.T.HTML("scoring.side_line", locales.Args{"Side": words.Side(r.T, store.Work), "Rating": words.Rating(r.T, work)}),
		r.T.HTML("scoring.side_line", locales.Args{"Side": words.Side(r.T, store.Behaviour), "Rating": words.Rating(r.T, behaviour)}),
	}
	predicate, err := rules.Predicate(work, behaviour)
	if err != nil {
		return lines // not both chosen yet
	}
	grid := ""
	for _, row := range []store.Rating{store.Above, store.Meets, store.Below} {
		for _, column := range []store.Rating{store.Below, store.Meets, store.Above} {
			if row == work && column == behaviour {
				grid += "◆ "
			} else {
				grid += "· "
			}
		}
		grid += " " + r.T.HTML("rating.short."+string(row)) + "\n"
	}
	return append(lines, "<pre>"+grid+r.T.HTML("scoring.quadrant_axis")+"</pre>", r.T.HTML("scoring.predicate", locales.Args{"Predicate": words.Predicate(r.T, predicate)}))
}

// summary shows both overall ratings, proposed by the system and chosen by the person, and what they come to.
func (c conversation) summary(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if !sheet.Open() {
		return c.person(ctx, r)
	}
	missing := rules.Check(sheet, c.MinReason)
	lines := []string{
		r.T.HTML("scoring.summary_heading", locales.Args{"Name": sheet.Employee}),
		r.T.HTML("scoring.person_progress", locales.Args{"Bar": flows.Bar(sheet.Answered(), len(sheet.Indicators)), "Done": sheet.Answered(), "All": len(sheet.Indicators)}), "\n",
	}
	lines = append(lines, quadrantLines(r, sheet.WorkRating, sheet.BehaviourRating)...)
	lines = append(lines, suggestionLines(r, sheet)...)
	lines = append(lines, extraLines(r, sheet)...)
	if !missing.None() {
		lines = append(lines, r.T.HTML("scoring.still", locales.Args{"Missing": c.sentenceFor(r, missing)}))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: c.summaryRows(r, sheet, missing), Protect: true}, nil
}

// suggestionLines say what the system proposes where the person has not chosen yet, or chose otherwise.
func suggestionLines(r *flows.Request, sheet store.Sheet) []string {
	var lines []string
	for _, side := range []store.Side{store.Work, store.Behaviour} {
		chosen, _ := rules.Overall(sheet.Evaluation, side)
		proposed := rules.Suggest(sheet.Ratings(rules.AspectsOf(side)...))
		if proposed != "" && proposed != chosen {
			lines = append(lines, r.T.HTML("scoring.suggestion", locales.Args{"Side": words.Side(r.T, side), "Rating": words.Rating(r.T, proposed)}))
		}
	}
	return lines
}

func extraLines(r *flows.Request, sheet store.Sheet) []string {
	var lines []string
	if sheet.Note != "" {
		lines = append(lines, r.T.HTML("scoring.note_is", locales.Args{"Note": sheet.Note}))
	}
	if sheet.FollowUpKind != "" {
		lines = append(lines, r.T.HTML("scoring.followup_is", locales.Args{"Kind": words.FollowUp(r.T, sheet.FollowUpKind), "Due": words.Day(r.T, sheet.FollowUpDue)}))
	}
	return lines
}

// summaryRows: what is missing first, then to set the result when nothing is.
func (c conversation) summaryRows(r *flows.Request, sheet store.Sheet, missing rules.Missing) [][]flows.Button {
	id := sheet.ID
	var rows [][]flows.Button
	add := func(buttons ...flows.Button) { rows = append(rows, buttons) }
	switch {
	case len(missing.Unrated) > 0:
		add(flows.Go(r.T.Plain("scoring.rate_missing", locales.Args{"Number": len(missing.Unrated)}), "score.go", id).Styled(flows.Confirm))
	case len(missing.Overall) > 0:
		add(flows.Go(r.T.Plain("scoring.use_suggestion"), "score.suggested", id).Styled(flows.Confirm))
	case len(missing.Reasons) > 0:
		add(flows.Button{Label: r.T.Plain("scoring.give_reasons", locales.Args{"Number": len(missing.Reasons)}), To: reasonPage(id, missing.Reasons[0]), Style: flows.Confirm})
	case missing.FollowUp:
		add(flows.Go(r.T.Plain("scoring.give_followup"), "score.followup", id).Styled(flows.Confirm))
	default:
		add(flows.Go(r.T.Plain("scoring.finalise"), "score.finalise", id).Styled(flows.Confirm))
	}
	add(flows.Go(r.T.Plain("words.side_work"), "score.overall", id, string(store.Work)), flows.Go(r.T.Plain("words.side_behaviour"), "score.overall", id, string(store.Behaviour)))
	add(flows.Go(r.T.Plain("scoring.remark"), "score.remark", id), flows.Go(r.T.Plain("scoring.followup"), "score.followup", id))
	add(flows.Go(r.T.Plain("scoring.review"), "score.indicator", id, sheet.Indicators[0].Ordinal))
	add(flows.Go(r.T.Plain("common.back"), "score.person", id), flows.Go(r.T.Plain("scoring.save_draft"), "score.team", 1))
	return rows
}

// overall is the screen on which one overall rating is chosen.
func (c conversation) overall(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	side, err := sideOf(r.Args.Word(1))
	if err != nil {
		return flows.Screen{}, err
	}
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	chosen, _ := rules.Overall(sheet.Evaluation, side)
	rated := sheet.Ratings(rules.AspectsOf(side)...)
	count := func(want store.Rating) int {
		n := 0
		for _, rating := range rated {
			if rating == want {
				n++
			}
		}
		return n
	}
	lines := []string{
		r.T.HTML("scoring.overall_heading", locales.Args{"Name": sheet.Employee, "Side": words.Side(r.T, side)}), "\n",
		r.T.HTML("scoring.overall_counts", locales.Args{"Above": count(store.Above), "Meets": count(store.Meets), "Below": count(store.Below)}),
	}
	if proposed := rules.Suggest(rated); proposed != "" {
		lines = append(lines, r.T.HTML("scoring.suggestion", locales.Args{"Side": words.Side(r.T, side), "Rating": words.Rating(r.T, proposed)}))
	}
	return flows.Screen{
		Text: flows.Lines(append(lines, "\n", r.T.HTML("scoring.overall_ask"))...),
		Rows: [][]flows.Button{
			ratingRow(r, chosen, "", func(rating store.Rating) flows.Link {
				return flows.To("score.choose", sheet.ID, string(side), rating)
			}),
			flows.Row(flows.Go(r.T.Plain("common.back"), "score.summary", sheet.ID)),
		},
		Protect: true,
	}, nil
}

// reasonPage is where an owed reason is given.
func reasonPage(id int64, owed rules.ReasonOwed) flows.Link {
	switch {
	case !owed.Overall():
		return flows.To("score.reason", id, owed.Indicator.Ordinal)
	case owed.Side == store.Work:
		return flows.To("score.reason", id, workNumber)
	default:
		return flows.To("score.reason", id, behaviourNumber)
	}
}

// subjectOf is what a reason is about, by the number in its link.
func subjectOf(sheet store.Sheet, number int) (rules.ReasonOwed, error) {
	switch number {
	case workNumber:
		return rules.ReasonOwed{Side: store.Work, Rating: sheet.WorkRating}, nil
	case behaviourNumber:
		return rules.ReasonOwed{Side: store.Behaviour, Rating: sheet.BehaviourRating}, nil
	}
	i, err := indicatorAt(sheet, number)
	if err != nil {
		return rules.ReasonOwed{}, err
	}
	return rules.ReasonOwed{Indicator: i, Side: rules.Side(i.Aspect), Rating: sheet.Answers[i.ID].Rating}, nil
}

const (
	ownPhrases = 2 // that this evaluator used before
	allPhrases = 4
)

// phrases are reasons to tap: those that this evaluator used before, then common ones.
func (c conversation) phrases(ctx context.Context, r *flows.Request, about rules.ReasonOwed) ([]string, error) {
	if about.Rating == "" || about.Rating == store.Meets {
		return nil, nil
	}
	aspect := about.Indicator.Aspect
	if about.Overall() {
		aspect = rules.AspectsOf(about.Side)[0]
	}
	list, err := c.store.ReasonsUsed(ctx, r.Actor.PersonID, aspect, about.Rating, ownPhrases)
	if err != nil {
		return nil, err
	}
	for n := 1; len(list) < allPhrases && n <= allPhrases; n++ {
		common := r.T.Plain(fmt.Sprintf("reason.%s_%s_%d", about.Side, about.Rating, n))
		if !slices.Contains(list, common) {
			list = append(list, common)
		}
	}
	return list, nil
}

// reasonPage asks for one reason.
func (c conversation) reasonPage(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	if !sheet.Open() {
		return c.person(ctx, r)
	}
	about, err := subjectOf(sheet, r.Args.Int(1))
	if err != nil {
		return flows.Screen{}, err
	}
	phrases, err := c.phrases(ctx, r, about)
	if err != nil {
		return flows.Screen{}, err
	}
	name := about.Indicator.Name
	if about.Overall() {
		name = words.Side(r.T, about.Side)
	}
	lines := []string{
		r.T.HTML("reason.heading", locales.Args{"Name": sheet.Employee, "Left": len(rules.Check(sheet, c.MinReason).Reasons)}), "\n",
		r.T.HTML("reason.about", locales.Args{"Indicator": name, "Rating": words.Rating(r.T, about.Rating)}),
		r.T.HTML("reason.ask", locales.Args{"Minimum": c.MinReason}), "\n",
	}
	screen := flows.Screen{Protect: true}
	for n, phrase := range phrases {
		lines = append(lines, strconv.Itoa(n+1)+". "+locales.Escape(phrase))
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(shortened(strconv.Itoa(n+1)+". "+phrase), "score.phrase", sheet.ID, r.Args.Int(1), n)))
	}
	screen.Text = flows.Lines(lines...)
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.back"), "score.summary", sheet.ID)))
	return screen, nil
}

// shortened fits a phrase on a button; the whole of it stands in the text.
func shortened(text string) string {
	const longest = 40
	runes := []rune(text)
	if len(runes) <= longest {
		return text
	}
	return string(runes[:longest-1]) + "…"
}

// followUp asks what is done so that the work gets better.
func (c conversation) followUp(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{
		Text:    flows.Lines(r.T.HTML("followup.heading", locales.Args{"Name": sheet.Employee}), "\n", r.T.HTML("followup.ask")),
		Protect: true,
	}
	for _, kind := range followUpKinds {
		b := flows.Go(words.FollowUp(r.T, kind), "score.due", sheet.ID, string(kind))
		if kind == sheet.FollowUpKind {
			b = b.Styled(flows.Chosen)
			b.Label = "• " + b.Label
		}
		screen.Rows = append(screen.Rows, flows.Row(b))
	}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.back"), "score.summary", sheet.ID)))
	return screen, nil
}

// due asks until when.
func (c conversation) due(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	kind, err := followUpKind(r.Args.Word(1))
	if err != nil {
		return flows.Screen{}, err
	}
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{
		Text:    flows.Lines(r.T.HTML("followup.due_heading", locales.Args{"Kind": words.FollowUp(r.T, kind)}), "\n", r.T.HTML("followup.due_ask")),
		Protect: true,
	}
	for _, months := range []int{1, 3, 6} {
		day := c.Calendar.Date(r.Now.AddDate(0, months, 0))
		label := r.T.Plain("followup.months", locales.Args{"Months": months, "Day": words.Day(r.T, day)})
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(label, "score.setdue", sheet.ID, string(kind), day)))
	}
	screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("common.back"), "score.followup", sheet.ID)))
	return screen, nil
}
