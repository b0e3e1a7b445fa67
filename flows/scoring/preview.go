package scoring

import (
	"strconv"

	"kinerja/flows"
	"kinerja/store"
)

// Preview draws what a supervisor will see of indicators: at place 0 their list, else the screen of the one at that place. Nobody is rated
// on it: each button leads to another such screen, which to names. back is the last row of the list.
func Preview(r *flows.Request, indicators []store.Indicator, place int, to func(place int) flows.Link, back []flows.Button) flows.Screen {
	sheet := store.Sheet{Employee: r.T.Plain("scoring.preview_person"), Indicators: indicators}
	var screen flows.Screen
	i, err := indicatorAt(sheet, place)
	switch {
	case err != nil:
		rows := numberRows(sheet, func(i store.Indicator) flows.Link { return to(i.Ordinal) })
		return flows.Screen{Text: flows.Lines(indicatorLines(r, sheet)...), Rows: append(rows, back)}
	case isValue(i):
		screen = valuesScreen(r, sheet, i, nil)
	default:
		screen = indicatorScreen(r, sheet, i, preceding(sheet, i))
	}
	screen.ForText = flows.Button{}
	for _, row := range screen.Rows {
		for n := range row {
			row[n].To = to(previewed(sheet, row[n].To, place))
		}
	}
	return screen
}

// previewed is the place to which a link of the real screens leads; that of the screen itself for what would store something.
func previewed(sheet store.Sheet, link flows.Link, here int) int {
	ordinal := 0
	if len(link.Args) > 1 {
		ordinal, _ = strconv.Atoi(link.Args[1]) // no number is no place
	}
	switch link.Route {
	case "score.indicator", "score.valuesat", "score.each":
		return ordinal
	case "score.next":
		return min(ordinal+1, len(sheet.Indicators))
	case "score.person", "score.summary":
		return 0
	default:
		return here
	}
}
