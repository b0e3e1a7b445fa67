package store

import "strings"

// Phone writes a phone number the way people.phone holds it: digits with the country code, such as "6281234567890".
// It takes what Indonesians write (0812-3456-7890, +62 812 3456 7890) and what a spreadsheet makes of it (81234567890,
// the leading zero lost). "" stays "". A number as it is stored is read again with + before it: some countries' codes begin with 8. It reports false for what cannot be a phone number.
func Phone(text string) (string, bool) {
	digits := strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ".", "", "(", "", ")", "", "/", "").Replace(text)
	if digits == "" {
		return "", true
	}
	digits, international := strings.CutPrefix(digits, "+")
	for _, r := range digits {
		if r < '0' || r > '9' {
			return "", false
		}
	}
	switch {
	case international:
	case strings.HasPrefix(digits, "00"):
		digits = digits[2:]
	case strings.HasPrefix(digits, "0"):
		digits = "62" + digits[1:]
	case strings.HasPrefix(digits, "8"):
		digits = "62" + digits
	}
	// E.164: at most 15 digits; the shortest national numbers with country code have 8.
	if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' {
		return "", false
	}
	return digits, true
}
