package flows

import "kinerja/locales"

// Pager is the row that turns the pages of a list; none when there is one page. Each button says to which page of how many it leads: one
// that only told the present page would do nothing. The first page is 1.
func Pager(t *locales.Translator, page, pages int, to func(page int) Link) [][]Button {
	var row []Button
	if page > 1 {
		row = append(row, Button{Label: t.Plain("common.previous_of", locales.Args{"Page": page - 1, "Pages": pages}), To: to(page - 1)})
	}
	if page < pages {
		row = append(row, Button{Label: t.Plain("common.next_of", locales.Args{"Page": page + 1, "Pages": pages}), To: to(page + 1)})
	}
	if row == nil {
		return nil
	}
	return [][]Button{row}
}
