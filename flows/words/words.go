// Package words writes the things that every conversation speaks of: periods, ratings, days left.
package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
)

// NameOfPeriod is PeriodName with the unit that the period is for, unless that is the whole city.
func NameOfPeriod(t *locales.Translator, p store.AdminPeriod) string {
	name := PeriodName(t, p.Kind, p.FirstDay)
	if p.Unit == "" {
		return name
	}
	return t.Plain("period.of_unit", locales.Args{"Period": name, "Unit": p.Unit})
}

// PeriodName writes a period as officials do: "Triwulan IV 2026", "Desember 2026", "Tahun 2026".
func PeriodName(t *locales.Translator, kind store.PeriodKind, first store.Date) string {
	span, err := rules.SpanOf(kind, first)
	if err != nil {
		return string(first) // a stored period always has a span
	}
	year := strconv.Itoa(span.Year)
	switch kind {
	case store.Monthly:
		return t.Plain("words.month", locales.Args{"Month": t.Plain("format.month." + strconv.Itoa(span.Number)), "Year": year})
	case store.Quarterly:
		return t.Plain("words.quarter", locales.Args{"Number": []string{"I", "II", "III", "IV"}[span.Number-1], "Year": year})
	default:
		return t.Plain("words.year", locales.Args{"Year": year})
	}
}

// Day writes a calendar day; the text itself when it is none.
func Day(t *locales.Translator, day store.Date) string {
	at, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return string(day)
	}
	return t.Day(at)
}

// LongDay writes a calendar day with its weekday, for a day on which somebody must act; the text itself when it is none.
func LongDay(t *locales.Translator, day store.Date) string {
	at, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return string(day)
	}
	return t.LongDay(at)
}

// Left tells how far a deadline is: "18 hari lagi", "hari ini", "lewat 2 hari".
func Left(t *locales.Translator, calendar rules.Calendar, now, due time.Time) string {
	days := calendar.DaysLeft(now, due)
	switch {
	case !now.Before(due) && days == 0:
		return t.Plain("words.over_today")
	case days == 0:
		return t.Plain("words.today")
	case days > 0:
		return t.Plain("words.days_left", locales.Args{"Count": days})
	default:
		return t.Plain("words.days_over", locales.Args{"Count": -days})
	}
}

// Deadline writes a deadline with weekday, day, hour and days left.
func Deadline(t *locales.Translator, calendar rules.Calendar, now, due time.Time) string {
	return t.Plain("words.deadline", locales.Args{"Due": t.LongMoment(due), "Left": Left(t, calendar, now, due)})
}

// Rating writes a rating; "–" while there is none.
func Rating(t *locales.Translator, r store.Rating) string {
	if r == "" {
		return "–"
	}
	return t.Plain("rating." + string(r))
}

// Mark is the sign of a rating. It always stands beside a word.
func Mark(r store.Rating) string {
	return map[store.Rating]string{store.Above: "⬆️", store.Meets: "✅", store.Below: "⬇️"}[r]
}

// Predicate writes a predicate.
func Predicate(t *locales.Translator, p store.Predicate) string {
	return t.Plain("predicate." + string(p))
}

// Aspect writes an aspect.
func Aspect(t *locales.Translator, a store.Aspect) string {
	return t.Plain("words.aspect_" + string(a))
}

// Side writes the name of an overall rating.
func Side(t *locales.Translator, s store.Side) string { return t.Plain("words.side_" + string(s)) }

// FollowUp writes a kind of follow-up.
func FollowUp(t *locales.Translator, k store.FollowUpKind) string {
	return t.Plain("followup." + string(k))
}

// Agreed writes a follow-up with its name, which only a training has.
func Agreed(t *locales.Translator, k store.FollowUpKind, name string) string {
	if name == "" || k != store.Training {
		return FollowUp(t, k)
	}
	return t.Plain("followup.named", locales.Args{"Kind": FollowUp(t, k), "Name": name})
}

// Done tells who says that a follow-up is done, a line for each side: the employee as employee, the evaluator by name.
func Done(t *locales.Translator, f store.FollowUp, employee, evaluator string) []string {
	var lines []string
	for _, said := range []struct {
		at *time.Time
		by string
	}{{f.ByEmployee, employee}, {f.ByEvaluator, evaluator}} {
		if said.at != nil {
			lines = append(lines, t.HTML("followup.done", locales.Args{"By": said.by, "Day": t.LongDay(*said.at)}))
		}
	}
	return lines
}

// Contacts names in HTML whom people may ask, each as a link that opens a chat with him in Telegram; where none is known, the city's
// administrator without a name.
func Contacts(t *locales.Translator, contacts []store.Contact) locales.HTML {
	var names []string
	for _, c := range contacts {
		name := locales.Escape(c.Name)
		if c.TelegramID != 0 {
			name = fmt.Sprintf(`<a href="tg://user?id=%d">%s</a>`, c.TelegramID, name)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		names = append(names, locales.Escape(t.Plain("words.contact_city")))
	}
	return locales.HTML(strings.Join(names, "; "))
}

// Shortened fits a text on a button or in a list; the whole of it stands elsewhere on the screen.
func Shortened(text string, longest int) string {
	runes := []rune(text)
	if len(runes) <= longest {
		return text
	}
	return string(runes[:longest-1]) + "…"
}

// Brief is a name in at most so many characters, as a person would shorten it: names after the first as initials, from the last on, then cut.
func Brief(name string, longest int) string {
	parts := strings.Fields(name)
	for i := len(parts) - 1; i > 0 && utf8.RuneCountInString(strings.Join(parts, " ")) > longest; i-- {
		if first := []rune(parts[i]); len(first) > 2 && !strings.HasSuffix(parts[i], ".") {
			parts[i] = string(first[:1]) + "."
		}
	}
	return Shortened(strings.Join(parts, " "), longest)
}

// queryRunes is how much of a search is kept and shown; no name of a unit or a person is longer.
const queryRunes = 60

// ShortQuery is the text of a search on one line.
func ShortQuery(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	return string(runes[:min(len(runes), queryRunes)])
}
