package scoring

import (
	"context"
	"strings"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

var sides = []store.Side{store.Work, store.Behaviour} //nolint:gochecknoglobals // a constant list

// sideOf reads a side out of a link; ErrBadLink for any other word.
func sideOf(word string) (store.Side, error) {
	side := store.Side(word)
	if side != store.Work && side != store.Behaviour {
		return "", flows.ErrBadLink
	}
	return side, nil
}

// summary shows all ratings, then both overall ratings, proposed by the system and chosen by the person, and what they come to.
func (c conversation) summary(_ context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	missing := rules.Check(sheet, c.MinReason)
	lines := []string{r.T.HTML("scoring.summary_heading", locales.Args{"Name": sheet.Employee}), progressLine(r, sheet), "\n"}
	lines = append(append(lines, overviewLines(r, sheet)...), "\n")
	lines = append(lines, overallLines(r, sheet)...)
	lines = append(lines, extraLines(r, sheet)...)
	if !missing.None() {
		lines = append(lines, r.T.HTML("scoring.still", locales.Args{"Missing": sentenceFor(r, missing)}))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: summaryRows(r, sheet, missing)}, nil
}

func progressLine(r *flows.Request, sheet store.Sheet) string {
	done, all := sheet.Answered(), len(sheet.Indicators)
	return r.T.HTML("scoring.person_progress", locales.Args{"Bar": flows.Bar(done, all), "Done": done, "All": all})
}

// longestInOverview is how many characters of an indicator's name the overview has room for, beside both reasons and the note.
const longestInOverview = 40

// overviewLines tell all ratings under the titles of their groups, what has the same one in one line: everything stands on one
// screen before it is set, first what is not as usual.
func overviewLines(r *flows.Request, sheet store.Sheet) []string {
	var lines []string
	for _, aspect := range []store.Aspect{store.Capaian, store.Sikap, store.Perilaku} {
		names := map[store.Rating][]string{}
		for _, i := range sheet.Indicators {
			if i.Aspect == aspect {
				rating := sheet.Rating(i.ID)
				names[rating] = append(names[rating], words.Shortened(i.Name, longestInOverview))
			}
		}
		if len(names) > 0 {
			lines = append(lines, "<b>"+locales.Escape(words.Aspect(r.T, aspect))+"</b>")
		}
		for _, rating := range []store.Rating{"", store.Below, store.Above, store.Meets} {
			if len(names[rating]) > 0 {
				lines = append(lines, overviewLine(r, rating, names[rating]))
			}
		}
	}
	return lines
}

func overviewLine(r *flows.Request, rating store.Rating, names []string) string {
	args := locales.Args{"Indicators": strings.Join(names, ", ")}
	if rating == "" {
		return r.T.HTML("scoring.overview_open", args)
	}
	args["Mark"], args["Rating"] = words.Mark(rating), r.T.Plain("rating.short."+string(rating))
	return r.T.HTML("scoring.overview_line", args)
}

// overallLines tell what both overall ratings come to, and where one departs from the suggestion; before, how far the choice is.
func overallLines(r *flows.Request, sheet store.Sheet) []string {
	lines := quadrantLine(r, sheet.WorkRating, sheet.BehaviourRating)
	chosen := len(lines) > 0
	for _, side := range sides {
		if !chosen || rules.Departs(sheet, side) {
			lines = append(lines, sideLine(r, sheet, side))
		}
	}
	return lines
}

// sideLine tells an overall rating, and what the system proposes while the person has not chosen, or chose otherwise.
func sideLine(r *flows.Request, sheet store.Sheet, side store.Side) string {
	chosen, _ := sheet.Overall(side)
	proposed := rules.Suggested(sheet, side)
	args := locales.Args{"Side": words.Side(r.T, side), "Rating": words.Rating(r.T, chosen), "Proposed": words.Rating(r.T, proposed)}
	switch {
	case proposed == "" || proposed == chosen:
		return r.T.HTML("scoring.side_line", args)
	case chosen == "":
		return r.T.HTML("scoring.side_open", args)
	default:
		return r.T.HTML("scoring.side_other", args)
	}
}

// quadrantLine says in words where two ratings meet, and names the predicate; nothing before both are chosen.
func quadrantLine(r *flows.Request, work, behaviour store.Rating) []string {
	predicate, err := rules.Predicate(work, behaviour)
	if err != nil {
		return nil
	}
	return []string{r.T.HTML("scoring.quadrant", quadrantWords(r, work, behaviour, predicate))}
}

// quadrantWords are the arguments of a sentence about both ratings and their predicate.
func quadrantWords(r *flows.Request, work, behaviour store.Rating, predicate store.Predicate) locales.Args {
	return locales.Args{"Work": r.T.Plain("rating.word." + string(work)), "Behaviour": r.T.Plain("rating.word." + string(behaviour)),
		"Predicate": words.Predicate(r.T, predicate)}
}

func extraLines(r *flows.Request, sheet store.Sheet) []string {
	var lines []string
	for _, side := range sides {
		if _, reason := sheet.Overall(side); reason != "" {
			lines = append(lines, r.T.HTML("scoring.side_reason", locales.Args{"Side": words.Side(r.T, side), "Reason": reason}))
		}
	}
	if sheet.Note != "" {
		lines = append(lines, r.T.HTML("scoring.note_is", locales.Args{"Note": sheet.Note}))
	}
	if sheet.FollowUpKind != "" {
		lines = append(lines, agreedLine(r, sheet))
	}
	return lines
}

// summaryRows: what is missing first, or to set the result when nothing is.
func summaryRows(r *flows.Request, sheet store.Sheet, missing rules.Missing) [][]flows.Button {
	id := sheet.ID
	return [][]flows.Button{
		flows.Row(usualWayOn(r, sheet, missing).Styled(flows.Confirm)),
		flows.Row(flows.Go(r.T.Plain("words.side_work"), "score.overall", id, string(store.Work)),
			flows.Go(r.T.Plain("words.side_behaviour"), "score.overall", id, string(store.Behaviour))),
		flows.Row(flows.Go(r.T.Plain("scoring.note"), "score.remark", id), flows.Go(r.T.Plain("scoring.followup"), "score.followup", id)),
		flows.Row(flows.Go(r.T.Plain("scoring.review"), "score.indicator", id, sheet.Indicators[0].Ordinal),
			flows.Go(r.T.Plain("scoring.pattern"), "score.pattern", sheet.PeriodID, id)),
		flows.Row(flows.Go(r.T.Plain("common.back"), "score.person", id), flows.Go(r.T.Plain("scoring.save_draft"), "score.savedraft", id)),
	}
}

func usualWayOn(r *flows.Request, sheet store.Sheet, missing rules.Missing) flows.Button {
	id := sheet.ID
	switch {
	case len(missing.Unrated) > 0:
		return flows.Go(r.T.Plain("scoring.rate_missing", locales.Args{"Number": len(missing.Unrated)}), "score.next", id, 0)
	case len(missing.Overall) > 0:
		return flows.Go(r.T.Plain("scoring.use_suggestion"), "score.suggested", id)
	case len(missing.Reasons) > 0:
		return flows.Button{Label: r.T.Plain("scoring.give_reasons", locales.Args{"Number": len(missing.Reasons)}), To: reasonLink(id, missing.Reasons[0])}
	case missing.FollowUp:
		return flows.Go(r.T.Plain("scoring.give_followup"), "score.followup", id)
	default:
		return flows.Go(r.T.Plain("scoring.finalise"), "score.finalise", id)
	}
}

// sentenceFor says what is missing, the first of it.
func sentenceFor(r *flows.Request, m rules.Missing) string {
	switch {
	case len(m.Unrated) > 0:
		return r.T.Plain("scoring.missing_ratings", counted(len(m.Unrated)))
	case len(m.Overall) == 1:
		return r.T.Plain("scoring.missing_side", locales.Args{"Side": words.Side(r.T, m.Overall[0])})
	case len(m.Overall) > 0:
		return r.T.Plain("scoring.missing_overall")
	case len(m.Reasons) > 0:
		return r.T.Plain("scoring.missing_reasons", counted(len(m.Reasons)))
	default:
		return r.T.Plain("scoring.missing_followup")
	}
}

// counted are the arguments of a sentence with a number that has a plural.
func counted(n int) locales.Args { return locales.Args{"Number": n, "Count": n} }
