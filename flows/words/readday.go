package words

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"kinerja/locales"
	"kinerja/store"
)

// ReadDay reads a day as people write it, in any of the languages: "15 Januari 2027", "15-1-27", "15/1", "besok", "Jumat".
// The week to come is its Monday. A day without year is the next one from today on; a weekday is the next one after today. ok is false for what is no day.
func ReadDay(t *locales.Translator, text string, today store.Date) (day store.Date, ok bool) {
	now, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return "", false
	}
	parts := strings.FieldsFunc(apostrophes.Replace(strings.ToLower(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, language := range locales.Languages {
		if day, ok := readDayIn(t.In(language), parts, now); ok {
			return store.Date(day.Format(time.DateOnly)), true
		}
	}
	return "", false
}

// ReadPastDay reads a day that is over, or today: one without year is the last one. A day to come is returned as it is.
func ReadPastDay(t *locales.Translator, text string, today store.Date) (day store.Date, ok bool) {
	day, ok = ReadDay(t, text, today)
	if earlier := aYearEarlier(t, text, today, day); day > today && earlier != "" {
		return earlier, true // 15 December, in January
	}
	return day, ok
}

// ReadNearDay reads a day that may be over or to come: one without year is the one nearest to today.
func ReadNearDay(t *locales.Translator, text string, today store.Date) (day store.Date, ok bool) {
	day, ok = ReadDay(t, text, today)
	if earlier := aYearEarlier(t, text, today, day); earlier != "" && distance(earlier, today) < distance(day, today) {
		return earlier, true
	}
	return day, ok
}

// aYearEarlier is the day a year before the one that was read, where the text names no year; "" where it does, or names no date.
func aYearEarlier(t *locales.Translator, text string, today, day store.Date) store.Date {
	now, err := time.Parse(time.DateOnly, string(today))
	if err != nil || day == "" {
		return ""
	}
	earlier, ok := ReadDay(t, text, store.Date(now.AddDate(-1, 0, 1).Format(time.DateOnly)))
	if !ok || earlier >= day || earlier[4:] != day[4:] { // "besok" is tomorrow, and another day a year ago
		return ""
	}
	return earlier
}

// distance is the time between two days.
func distance(a, b store.Date) time.Duration {
	one, _ := time.Parse(time.DateOnly, string(a)) // both were read before
	other, _ := time.Parse(time.DateOnly, string(b))
	return one.Sub(other).Abs()
}

// ReadDayBeforeHour reads a day that is followed by an hour: "Kamis jam 10", "5 Januari pukul 9.30". It returns the day alone.
func ReadDayBeforeHour(t *locales.Translator, text string, today store.Date) (day store.Date, ok bool) {
	said := strings.ToLower(text)
	for _, language := range locales.Languages {
		for word := range strings.SplitSeq(t.In(language).Plain("day.hour"), ",") {
			if before, _, cut := strings.Cut(said, " "+strings.TrimSpace(word)+" "); cut {
				return ReadDay(t, before, today)
			}
		}
	}
	return "", false
}

// apostrophes leaves them out: Friday is also written Jum'at.
var apostrophes = strings.NewReplacer("'", "", "’", "", "`", "")

func readDayIn(t *locales.Translator, parts []string, today time.Time) (time.Time, bool) {
	spoken := strings.Join(parts, " ")
	for n, key := range []string{"day.yesterday", "day.today", "day.tomorrow", "day.after_tomorrow"} {
		if spokenAs(t, key, spoken) {
			return today.AddDate(0, 0, n-1), true
		}
	}
	if spokenAs(t, "day.next_week", spoken) { // "minggu depan" is the week, "hari Minggu depan" the Sunday
		return today.AddDate(0, 0, 7-sinceMonday(today.Weekday())), true
	}
	if day, ok := readThatWeek(t, parts, today); ok {
		return day, true
	}
	if weekday, ok := readWeekday(t, parts); ok {
		ahead := (int(weekday)-int(today.Weekday())+6)%7 + 1
		if len(parts) == 1 {
			return today.AddDate(0, 0, ahead), true
		}
		parts = parts[1:] // "Senin, 11 Januari 2027": the date decides
	}
	return readDate(t, parts, today)
}

// readThatWeek reads "Senin depan", a weekday of the week to come, and "hari Jumat" or "Jumat ini", the next one.
func readThatWeek(t *locales.Translator, parts []string, today time.Time) (time.Time, bool) {
	var named []string
	beside, following := false, false
	for _, part := range parts {
		switch {
		case spokenAs(t, "day.next", part):
			following = true
		case spokenAs(t, "day.beside", part):
			beside = true
		default:
			named = append(named, part)
		}
	}
	weekday, ok := readWeekday(t, named)
	if !ok || len(named) != 1 || !following && !beside {
		return time.Time{}, false
	}
	if following {
		return today.AddDate(0, 0, 7-sinceMonday(today.Weekday())+sinceMonday(weekday)), true
	}
	return today.AddDate(0, 0, (int(weekday)-int(today.Weekday())+6)%7+1), true
}

func sinceMonday(w time.Weekday) int { return (int(w) + 6) % 7 }

// spokenAs reports whether a word or phrase is one of those of a key.
func spokenAs(t *locales.Translator, key, word string) bool {
	for one := range strings.SplitSeq(t.Plain(key), ",") {
		if word == strings.TrimSpace(one) {
			return true
		}
	}
	return false
}

func readWeekday(t *locales.Translator, parts []string) (time.Weekday, bool) {
	if len(parts) == 0 {
		return 0, false
	}
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		name := strings.ToLower(t.Plain("format.weekday." + strconv.Itoa(int(weekday))))
		if parts[0] == name || isShort(parts[0], name) {
			return weekday, true
		}
	}
	return 0, false
}

// isShort reports whether a word is the beginning of a name, long enough to be meant.
func isShort(word, name string) bool { return len(word) >= 3 && strings.HasPrefix(name, word) }

// readDate reads day, month and perhaps year; and the form of computers, year first.
func readDate(t *locales.Translator, parts []string, today time.Time) (time.Time, bool) {
	if len(parts) == 3 && len(parts[0]) == 4 {
		parts = []string{parts[2], parts[1], parts[0]}
	}
	if len(parts) != 2 && len(parts) != 3 {
		return time.Time{}, false
	}
	month := readMonth(t, parts[1])
	number, err := strconv.Atoi(parts[0])
	if err != nil || month == 0 {
		return time.Time{}, false
	}
	if len(parts) == 3 {
		year, ok := readYear(parts[2])
		return existing(year, month, number, ok)
	}
	day, ok := existing(today.Year(), month, number, true)
	if ok && day.Before(today) || !ok { // 29 February may be next year's
		day, ok = existing(today.Year()+1, month, number, true)
	}
	return day, ok
}

func readMonth(t *locales.Translator, word string) int {
	if n, err := strconv.Atoi(word); err == nil {
		return n
	}
	for month := 1; month <= 12; month++ {
		for name := range strings.SplitSeq(t.Plain("format.month."+strconv.Itoa(month))+","+t.Plain("day.month_short."+strconv.Itoa(month)), ",") {
			if name = strings.ToLower(name); word == name || isShort(word, name) {
				return month
			}
		}
	}
	return 0
}

// readYear takes four digits, or two of this century.
func readYear(word string) (int, bool) {
	year, err := strconv.Atoi(word)
	if err != nil || len(word) != 2 && len(word) != 4 {
		return 0, false
	}
	if len(word) == 2 {
		year += 2000
	}
	return year, true
}

// existing refuses the 31st of February.
func existing(year, month, day int, ok bool) (time.Time, bool) {
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return at, ok && month >= 1 && month <= 12 && at.Day() == day && int(at.Month()) == month
}
