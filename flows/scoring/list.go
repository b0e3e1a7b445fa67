package scoring

import (
	"strconv"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const numbersPerRow = 7 // buttons that are a number only; so many fit beside each other on a narrow phone

// indicatorLines list all indicators under the titles of their groups and of their results, numbered, with the mark of their rating. A rating other than
// Sesuai is told in words too.
func indicatorLines(r *flows.Request, sheet store.Sheet) []string {
	var lines []string
	for n, i := range sheet.Indicators {
		if n == 0 || i.Aspect != sheet.Indicators[n-1].Aspect {
			lines = append(lines, "<b>"+locales.Escape(words.Aspect(r.T, i.Aspect))+"</b>")
		}
		lines = append(lines, words.ResultTitle(r.T, sheet.Indicators, n))
		rating := sheet.Rating(i.ID)
		args := locales.Args{"Number": i.Ordinal, "Mark": "○", "Indicator": words.Shortened(i.Name, words.ListedLength(len(sheet.Indicators)))}
		sentence := "scoring.list_line"
		if rating != "" {
			args["Mark"] = words.Mark(rating)
		}
		if owesReason(rating) {
			sentence, args["Rating"] = "scoring.list_line_other", r.T.Plain("rating.short."+string(rating))
		}
		lines = append(lines, r.T.HTML(sentence, args))
	}
	return lines
}

// numberRows are the buttons of a numbered list, in rows as equal as they come.
func numberRows(sheet store.Sheet, to func(store.Indicator) flows.Link) [][]flows.Button {
	var rows [][]flows.Button
	for _, part := range inParts(sheet.Indicators, numbersPerRow) {
		var row []flows.Button
		for _, i := range part {
			row = append(row, flows.Button{Label: strconv.Itoa(i.Ordinal), To: to(i)})
		}
		rows = append(rows, row)
	}
	return rows
}

// inParts divides indicators into as few parts as possible of at most the given length, none more than one shorter than another.
func inParts(list []store.Indicator, longest int) [][]store.Indicator {
	var parts [][]store.Indicator
	for count := (len(list) + longest - 1) / longest; count > 0; count-- {
		size := (len(list) + count - 1) / count
		parts, list = append(parts, list[:size]), list[size:]
	}
	return parts
}

// placeToRate is the page on which an indicator is rated.
func placeToRate(sheet store.Sheet, i store.Indicator) flows.Link {
	if isValue(i) {
		return flows.To("score.valuesat", sheet.ID, i.Ordinal)
	}
	return flows.To("score.indicator", sheet.ID, i.Ordinal)
}

// editRows lead to each indicator where it is rated.
func editRows(sheet store.Sheet) [][]flows.Button {
	return numberRows(sheet, func(i store.Indicator) flows.Link { return placeToRate(sheet, i) })
}

// readRows lead to what is stored of each indicator.
func readRows(sheet store.Sheet) [][]flows.Button {
	return numberRows(sheet, func(i store.Indicator) flows.Link { return flows.To("score.indicator", sheet.ID, i.Ordinal) })
}
