package flows

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"kinerja/store"
)

// Link names a page or an action with its arguments. Written as text it is the callback data of a button: "score.rate:118:3:a".
type Link struct {
	Route string
	Args  []string
}

// MaxLink is Telegram's limit for callback data, in bytes.
const MaxLink = 64

// ErrBadLink is returned for data that no screen of ours made.
var ErrBadLink = errors.New("data is not a link of ours")

// To makes a link. Arguments may be integers, strings and ratings.
func To(route string, args ...any) Link {
	l := Link{Route: route}
	for _, a := range args {
		switch a := a.(type) {
		case store.Rating:
			l.Args = append(l.Args, string(a[:1]))
		default:
			l.Args = append(l.Args, fmt.Sprint(a))
		}
	}
	return l
}

// Zero reports whether the link leads nowhere.
func (l Link) Zero() bool { return l.Route == "" }

// String is the link as callback data.
func (l Link) String() string { return strings.Join(append([]string{l.Route}, l.Args...), ":") }

var (
	routeForm = regexp.MustCompile(`^[a-z]+(\.[a-z]+)*$`)
	// The forms of the arguments. Each is all there is to know about them before the store is asked.
	argForms = map[string]*regexp.Regexp{
		"id":     regexp.MustCompile(`^[1-9][0-9]{0,17}$`),     // key of a record
		"unit":   regexp.MustCompile(`^(0|[1-9][0-9]{0,17})$`), // key of a unit; 0 is the whole city
		"n":      regexp.MustCompile(`^(0|[1-9][0-9]{0,5})$`),
		"rating": regexp.MustCompile(`^[amb]$`),
		"word":   regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`),
		"date":   regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`),
	}
)

// ParseLink reads callback data strictly. It returns ErrBadLink for anything that Link.String could not have written.
func ParseLink(data string) (Link, error) {
	if len(data) == 0 || len(data) > MaxLink {
		return Link{}, ErrBadLink
	}
	parts := strings.Split(data, ":")
	if !routeForm.MatchString(parts[0]) {
		return Link{}, ErrBadLink
	}
	for _, a := range parts[1:] {
		if a == "" || strings.ContainsFunc(a, notInArgument) {
			return Link{}, ErrBadLink
		}
	}
	return Link{Route: parts[0], Args: parts[1:]}, nil
}

func notInArgument(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
}

// fits reports whether args have the number and the forms that spec names, such as "id n rating".
func fits(spec string, args []string) bool {
	forms := strings.Fields(spec)
	if len(forms) != len(args) {
		return false
	}
	for i, form := range forms {
		if !argForms[form].MatchString(args[i]) {
			return false
		}
	}
	return true
}

// Args are the arguments of a link whose forms have been checked; a page reads them by position.
type Args []string

// ID is the key at position i.
func (a Args) ID(i int) int64 {
	n, err := strconv.ParseInt(a[i], 10, 64)
	if err != nil {
		return 0 // cannot happen with a checked argument; no record has the key 0
	}
	return n
}

// Int is the small number at position i.
func (a Args) Int(i int) int { return int(a.ID(i)) }

// Word is the text at position i.
func (a Args) Word(i int) string { return a[i] }

// Rating is the rating at position i.
func (a Args) Rating(i int) store.Rating {
	switch a[i] {
	case "a":
		return store.Above
	case "m":
		return store.Meets
	default:
		return store.Below
	}
}
