package flows

import "kinerja/locales"

// Pager is the row that turns the pages of a list; none when there is one page. Each button says to which page of how many it leads: one
// that only told the present page would do nothing. The first page is 1.
func Pager(t *locales.Translator, page, pages int, to func(page int) Link) [][]Button {
	row := pagerRow(t, page, pages, "of", to)
	if row == nil {
		return nil
	}
	if !Fit(row) {
		row = pagerRow(t, page, pages, "short", to)
	}
	return [][]Button{row}
}

func pagerRow(t *locales.Translator, page, pages int, form string, to func(page int) Link) (row []Button) {
	if page > 1 {
		row = append(row, Button{Label: t.Plain("common.previous_"+form, locales.Args{"Page": page - 1, "Pages": pages}), To: to(page - 1)})
	}
	if page < pages {
		row = append(row, Button{Label: t.Plain("common.next_"+form, locales.Args{"Page": page + 1, "Pages": pages}), To: to(page + 1)})
	}
	return row
}

// Part is one page of n things: which page there is, of how many, and its things from start to end.
func Part(wanted, n, size int) (page, pages, start, end int) {
	pages = max(1, (n+size-1)/size)
	page = max(1, min(wanted, pages))
	return page, pages, (page - 1) * size, min(page*size, n)
}

// ReadPart reads one page of a list that the store counts. A page behind the end, because the list became shorter, is the last one.
func ReadPart[T any](wanted, size int, read func(offset, limit int) ([]T, int, error)) (lines []T, total, page, pages int, err error) {
	page = max(1, wanted)
	lines, total, err = read((page-1)*size, size)
	last, pages, start, _ := Part(page, total, size)
	if err == nil && last < page {
		page = last
		lines, total, err = read(start, size)
	}
	return lines, total, page, pages, err
}
