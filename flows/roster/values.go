package roster

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cell is one field.
type cell struct {
	text string
	lost bool // the spreadsheet kept a long number in it, of which the last digits are gone
	date bool // the spreadsheet keeps a day or a number with a shape of its own; text is how it shows it
}

// line is one row that is not empty.
type line struct {
	row   int
	cells []cell
}

// text is a field as Read takes it, "" beyond the end of the line.
func (l line) text(i int) string {
	if i >= len(l.cells) {
		return ""
	}
	return clean(l.cells[i].text)
}

// filled counts the fields with something in them.
func (l line) filled() (n int) {
	for i := range l.cells {
		if l.text(i) != "" {
			n++
		}
	}
	return n
}

func blank(cells []cell) bool {
	return !slices.ContainsFunc(cells, func(c cell) bool { return clean(c.text) != "" })
}

// clean makes every run of blanks, line ends and control characters one space, cuts them off at both ends and drops marks that nobody sees.
// It keeps a leading = + - or @: that is text, and whoever writes a spreadsheet writes it as text. The apostrophe before it, with which a
// spreadsheet is told so, goes.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\ufeff', r == '\u200b':
			return ' '
		case unicode.Is(unicode.Cf, r): // soft hyphens, marks of direction, joiners
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 1 && text[0] == '\'' && startsFormula(text[1:]) {
		return text[1:]
	}
	return text
}

// startsFormula reports whether a spreadsheet may take a text for a formula.
func startsFormula(text string) bool {
	return text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0]))
}

// plainText is a text that no spreadsheet takes for a formula, and that clean makes the same again.
func plainText(text string) string {
	if startsFormula(strings.TrimSpace(text)) || startsFormula(text) {
		return "'" + text
	}
	return text
}

// numberCell reads a number as a spreadsheet stores it and as it shows it. Text is the same both times; a number of more than 15 digits is
// not: that is how a NIP is found that a spreadsheet took for a number and rounded.
func numberCell(stored, shown string) cell {
	if !isNumber(stored) || shown == stored {
		return cell{text: stored}
	}
	digits := wholeNumber(stored)
	switch {
	case significant(digits) > 15:
		return cell{text: digits, lost: true}
	case shown != "" && strings.Trim(shown, "0123456789") == "" && strings.TrimLeft(shown, "0") == strings.TrimLeft(digits, "0"):
		return cell{text: shown} // zeros in front
	case looksLikeDay(stored, shown):
		return cell{text: shown, date: true}
	}
	return cell{text: digits}
}

// isNumber reports whether the text is how a spreadsheet stores a number.
func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789.eE+-") == ""
}

// wholeNumber writes 8.12E10 and 12.0 as people do: 81200000000 and 12. What is no number stays.
func wholeNumber(text string) string {
	if strings.Trim(text, "0123456789") == "" {
		return text
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n > 1e20 || n < -1e20 {
		return text
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// significant counts the digits of a number without the zeros around them... but those behind count: a NIP has them.
func significant(number string) int {
	return len(strings.TrimLeft(strings.TrimLeft(number, "-"), "0."))
}

const lastDay = 2958465 // 31 December 9999, as spreadsheets count days

// looksLikeDay tells a day from a number with separators for thousands.
func looksLikeDay(stored, shown string) bool {
	n, err := strconv.ParseFloat(stored, 64)
	return err == nil && n > 0 && n <= lastDay+1 && !rounded(shown) && strings.ContainsFunc(shown, func(r rune) bool {
		return r == '-' || r == '/' || r == ':' || unicode.IsLetter(r)
	})
}

// rounded recognises 1.98609E+17 and 1,98609E+17, which a spreadsheet writes into a CSV in place of 18 digits.
func rounded(text string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E")
	return found && exponent != "" && mantissa != "" && strings.Trim(mantissa, "0123456789.,") == "" && strings.Trim(exponent, "+0123456789") == ""
}

// failedFormula recognises what a spreadsheet shows where a formula has no result.
func failedFormula(text string) bool {
	return slices.Contains([]string{"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#ERROR!", "Err:502", "Err:504", "Err:508"}, text)
}

var nipInText = regexp.MustCompile(`\d(?:[ .\-]?\d){17}`)

// looksLikeNIP reports whether 18 digits stand in a text, with what people put between them.
func looksLikeNIP(text string) bool { return nipInText.MatchString(text) }

var (
	nipWord   = regexp.MustCompile(`(?i)\bNIP(?:PPPK)?\b\.?\s*:?`)
	endsOfAny = " /|,;:()-–'’`"
)

// splitNIP takes a text apart that holds a name, a NIP or both, such as "Adi, S.E. / NIP. 19860926 201505 1 001".
func splitNIP(text string) (name, nip string) {
	at := nipInText.FindStringIndex(text)
	if at == nil {
		return text, ""
	}
	nip = text[at[0]:at[1]]
	name = nipWord.ReplaceAllString(text[:at[0]], "")
	return strings.Trim(name, endsOfAny), nip
}

// withoutLabel takes "NIP." and the apostrophe away that makes a spreadsheet keep digits as text.
func withoutLabel(text string) string {
	text = strings.TrimSpace(strings.TrimLeft(text, "'’‘`´"))
	if at := nipWord.FindStringIndex(text); at != nil && at[0] == 0 && at[1] < len(text) {
		text = strings.TrimSpace(text[at[1]:])
	}
	return strings.TrimRight(text, "'’`")
}

var gradeInText = regexp.MustCompile(`(?i)\b(IV|I{1,3})\s*[/.\-]\s*([a-e])\b`)

// readGrade finds III/d in "Penata Tk. I (III/d)", and writes "iii.d" the one way. Other texts stay.
func readGrade(text string) string {
	found := gradeInText.FindAllStringSubmatch(text, 2)
	if len(found) != 1 {
		return text
	}
	return strings.ToUpper(found[0][1]) + "/" + strings.ToLower(found[0][2])
}

// shorten keeps a wrong text from filling the screen.
func shorten(text string) string { return shortenTo(text, 40) }

func shortenTo(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}
