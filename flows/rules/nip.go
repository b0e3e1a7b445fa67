// Package rules holds the rules of the field as pure functions: nothing in it reads a clock or a store.
package rules

import (
	"strconv"
	"strings"
	"time"

	"kinerja/store"
)

// NIP is a valid Nomor Induk Pegawai, 18 digits without anything between them:
// YYYYMMDD birth, YYYYMM appointment (PNS) or YYYY and a code from 20 to 99 (PPPK), sex 1 or 2, sequence 001 to 999.
// Knowing one proves nothing: NIPs are public.
type NIP string

// NIPRule is a rule that a NIP can break.
type NIPRule string

// The rules, in the order in which they are looked at.
const (
	NIPDigits      NIPRule = "digits"      // something else than digits, spaces, dots and dashes
	NIPLength      NIPRule = "length"      // not 18 digits
	NIPBirth       NIPRule = "birth"       // digits 1 to 8 are no day of the calendar
	NIPAppointment NIPRule = "appointment" // digits 13 and 14 are 00 or 13 to 19
	NIPSex         NIPRule = "sex"         // digit 15 is neither 1 nor 2
	NIPSequence    NIPRule = "sequence"    // digits 16 to 18 are 000
)

// NIPError says which rule a text breaks. It never holds the text itself.
type NIPError struct{ Rule NIPRule }

// Error is for logs and the operator's command line; what others read is in locales.
func (e NIPError) Error() string {
	return "not a NIP: " + map[NIPRule]string{
		NIPDigits: "something else than digits, spaces, dots and dashes", NIPLength: "not 18 digits", NIPBirth: "digits 1 to 8 are no day of birth",
		NIPAppointment: "digits 13 and 14 are no month of appointment", NIPSex: "digit 15 is neither 1 nor 2", NIPSequence: "digits 16 to 18 are 000",
	}[e.Rule]
}

// ParseNIP reads a NIP as people write it, with spaces, dots and dashes anywhere. The error is a NIPError.
func ParseNIP(text string) (NIP, error) {
	digits := strings.NewReplacer(" ", "", "\u00a0", "", "\t", "", ".", "", "-", "", "–", "").Replace(text)
	if strings.Trim(digits, "0123456789") != "" {
		return "", NIPError{NIPDigits}
	}
	if len(digits) != 18 {
		return "", NIPError{NIPLength}
	}
	birth, err := time.Parse("20060102", digits[:8])
	if err != nil || birth.Year() == 0 {
		return "", NIPError{NIPBirth}
	}
	switch code := digits[12:14]; {
	case code == "00", "13" <= code && code <= "19":
		return "", NIPError{NIPAppointment}
	case digits[14] != '1' && digits[14] != '2':
		return "", NIPError{NIPSex}
	case digits[15:] == "000":
		return "", NIPError{NIPSequence}
	}
	return NIP(digits), nil
}

// Grouped writes it the way it is read aloud: 19860926 201505 1 001. Anything that is not 18 long stays as it is.
func (n NIP) Grouped() string {
	if len(n) != 18 {
		return string(n)
	}
	return string(n[:8] + " " + n[8:14] + " " + n[14:15] + " " + n[15:])
}

// Masked writes it where not everybody may read it: 1986******* 001.
func (n NIP) Masked() string {
	if len(n) != 18 {
		return "****"
	}
	return string(n[:4] + "******* " + n[15:])
}

// Contract reports whether it is the NIP of a PPPK, whose appointment has a year and no month.
func (n NIP) Contract() bool { return n[12:14] >= "20" }

// NIPWarning is something unlikely about a valid NIP. An administrator may accept it.
type NIPWarning string

// The warnings.
const (
	NIPTooYoung NIPWarning = "too_young" // younger than 18 at the appointment
	NIPTooOld   NIPWarning = "too_old"   // older than 65
)

// Warnings returns what is unlikely about a valid NIP on a day. Of an appointment only the month is known, or the year:
// its last day counts, so that nobody is called too young who was not.
func (n NIP) Warnings(today store.Date) []NIPWarning {
	birth, err := time.Parse("20060102", string(n[:8]))
	if err != nil {
		return nil // no NIP of ParseNIP
	}
	var found []NIPWarning
	if yearsBetween(birth, n.appointed()) < 18 {
		found = append(found, NIPTooYoung)
	}
	if at, err := time.Parse(time.DateOnly, string(today)); err == nil && yearsBetween(birth, at) > 65 {
		found = append(found, NIPTooOld)
	}
	return found
}

// appointed is the last day on which the person can have been appointed.
func (n NIP) appointed() time.Time {
	year, month := number(n[8:12]), number(n[12:14])
	if n.Contract() {
		month = 12
	}
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC)
}

func number(digits NIP) int {
	n, err := strconv.Atoi(string(digits))
	if err != nil {
		return 0 // no NIP of ParseNIP
	}
	return n
}

// yearsBetween is the age in whole years.
func yearsBetween(birth, day time.Time) int {
	years := day.Year() - birth.Year()
	if day.Month() < birth.Month() || day.Month() == birth.Month() && day.Day() < birth.Day() {
		years--
	}
	return years
}
