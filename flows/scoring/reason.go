package scoring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// owesReason reports whether a rating needs a written reason.
func owesReason(rating store.Rating) bool { return rating == store.Above || rating == store.Below }

// needsReason reports whether a reason may be given: for every rating that owes one, and for a departure from the suggestion.
func needsReason(sheet store.Sheet, about rules.ReasonOwed) bool {
	return owesReason(about.Rating) || about.Overall() && rules.Departs(sheet, about.Side)
}

// indicatorWord names an indicator in the link of a reason: "i3". A side is named by itself: "work".
func indicatorWord(i store.Indicator) string { return "i" + strconv.Itoa(i.Ordinal) }

// reasonLink is where an owed reason is given.
func reasonLink(id int64, owed rules.ReasonOwed) flows.Link {
	if owed.Overall() {
		return flows.To("score.reason", id, string(owed.Side))
	}
	return flows.To("score.reason", id, indicatorWord(owed.Indicator))
}

// subjectOf is what a reason is about, by the word in its link, and the reason that is stored.
func subjectOf(sheet store.Sheet, word string) (about rules.ReasonOwed, stored string, err error) {
	ordinal, isIndicator := strings.CutPrefix(word, "i")
	if !isIndicator {
		side, err := sideOf(word)
		if err != nil {
			return rules.ReasonOwed{}, "", err
		}
		rating, reason := sheet.Overall(side)
		return rules.ReasonOwed{Side: side, Rating: rating}, reason, nil
	}
	n, err := strconv.Atoi(ordinal)
	if err != nil {
		return rules.ReasonOwed{}, "", flows.ErrBadLink
	}
	i, err := indicatorAt(sheet, n)
	if err != nil {
		return rules.ReasonOwed{}, "", err
	}
	return rules.ReasonOwed{Indicator: i, Side: rules.Side(i.Aspect), Rating: sheet.Rating(i.ID)}, sheet.Answers[i.ID].Reason, nil
}

// reason asks for one reason.
func (c conversation) reason(ctx context.Context, r *flows.Request, sheet store.Sheet) (flows.Screen, error) {
	about, stored, err := subjectOf(sheet, r.Args.Word(1))
	if err != nil {
		return flows.Screen{}, err
	}
	if !needsReason(sheet, about) { // it was rated otherwise meanwhile
		return c.summary(ctx, r, sheet)
	}
	offered, err := c.offered(ctx, r, about)
	if err != nil {
		return flows.Screen{}, err
	}
	heading, owed := "reason.heading", len(rules.Check(sheet, c.MinReason).Reasons)
	if owed > 1 {
		heading = "reason.heading_of_many"
	}
	name := about.Indicator.Name
	if about.Overall() {
		name = words.Side(r.T, about.Side)
	}
	lines := []string{
		r.T.HTML(heading, locales.Args{"Name": sheet.Employee, "Left": owed}), "\n",
		r.T.HTML("reason.about", locales.Args{"Indicator": name, "Rating": words.Rating(r.T, about.Rating)}),
	}
	if about.Overall() && rules.Departs(sheet, about.Side) {
		lines = append(lines, r.T.HTML("reason.departs", locales.Args{"Rating": words.Rating(r.T, rules.Suggested(sheet, about.Side))}))
	}
	if stored != "" {
		lines = append(lines, r.T.HTML("scoring.reason_is", locales.Args{"Reason": stored}))
	}
	lines = append(lines, r.T.HTML("reason.ask", locales.Args{"Minimum": c.MinReason}), "\n")
	var numbers []flows.Button // the phrases stand in full above: on a button most are cut
	for n, phrase := range offered {
		lines = append(lines, locales.Escape(strconv.Itoa(n+1)+". "+phrase))
		numbers = append(numbers, flows.Go(strconv.Itoa(n+1), "score.phrase", sheet.ID, r.Args.Word(1), phraseWord(phrase)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{numbers, backToCame(r)}}, nil
}

const (
	offeredOwn    = 2   // phrases that this evaluator used before
	offeredCommon = 4   // phrases that the program knows
	longestPhrase = 120 // characters; what is longer was written for one person
	rememberedOwn = 50  // own phrases that a button of an old screen may still name
)

// offered are reasons to tap: the common ones, then those that this evaluator used before. The order stays from one person to the
// next: whoever knows the number of a phrase taps it without reading again.
func (c conversation) offered(ctx context.Context, r *flows.Request, about rules.ReasonOwed) ([]string, error) {
	own, err := c.ownPhrases(ctx, r, about)
	return append(commonPhrases(r.T, about), own[:min(len(own), offeredOwn)]...), err
}

// ownPhrases are what this evaluator wrote about the same indicator. One with a digit in it tells of one person's work, and says
// something false of another's; an overall rating has none, for its reason departs from what is usual.
func (c conversation) ownPhrases(ctx context.Context, r *flows.Request, about rules.ReasonOwed) ([]string, error) {
	if about.Overall() {
		return nil, nil
	}
	used, err := c.store.ReasonsUsed(ctx, r.Actor.PersonID, about.Indicator, about.Rating, rememberedOwn)
	if err != nil {
		return nil, err
	}
	common := knownPhrases(r.T, about)
	return slices.DeleteFunc(used, func(p string) bool {
		return utf8.RuneCountInString(p) > longestPhrase || strings.ContainsFunc(p, unicode.IsDigit) || slices.Contains(common, p)
	}), nil
}

// aspectOf is the aspect whose phrases fit a reason.
func aspectOf(about rules.ReasonOwed) store.Aspect {
	switch {
	case !about.Overall():
		return about.Indicator.Aspect
	case about.Side == store.Work:
		return store.Capaian
	default:
		return store.Perilaku
	}
}

func commonPhrases(t *locales.Translator, about rules.ReasonOwed) []string {
	var list []string
	for n := 1; n <= offeredCommon; n++ {
		list = append(list, t.Plain(fmt.Sprintf("reason.%s_%s_%d", aspectOf(about), about.Rating, n)))
	}
	return list
}

// knownPhrases are the common ones in every language: a screen may have been drawn, and a reason stored, in another one.
func knownPhrases(t *locales.Translator, about rules.ReasonOwed) []string {
	var list []string
	for _, language := range locales.Languages {
		list = append(list, commonPhrases(t.In(language), about)...)
	}
	return list
}

// phraseWord names a phrase in a link. It is made of the words themselves, so that a button on an old screen never stores
// another sentence than the one it shows, however the list has changed since.
func phraseWord(phrase string) string {
	const bytes = 8
	sum := sha256.Sum256([]byte(phrase))
	return "p" + hex.EncodeToString(sum[:bytes])
}

// phrase takes a reason that was tapped.
func (c conversation) phrase(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	about, _, err := subjectOf(sheet, r.Args.Word(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	if !needsReason(sheet, about) {
		return flows.Outcome{}, notNeeded(r, sheet.ID)
	}
	known, err := c.ownPhrases(ctx, r, about)
	if err != nil {
		return flows.Outcome{}, err
	}
	for _, phrase := range append(known, knownPhrases(r.T, about)...) {
		if phraseWord(phrase) == r.Args.Word(2) {
			return c.setReason(ctx, r, sheet, about, phrase)
		}
	}
	return flows.Outcome{}, flows.Refuse(r.T.Plain("reason.gone"), flows.To("score.reason", sheet.ID, r.Args.Word(1)))
}

// saveReason takes a typed reason.
func (c conversation) saveReason(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text, err := typed(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	sheet, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	about, _, err := subjectOf(sheet, r.Args.Word(1))
	if err != nil {
		return flows.Outcome{}, err
	}
	if !rules.ReasonSuffices(text, c.MinReason) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("reason.too_short", locales.Args{"Minimum": c.MinReason}), flows.To("score.reason", sheet.ID, r.Args.Word(1)))
	}
	return c.setReason(ctx, r, sheet, about, text)
}

// setReason stores a reason and goes on to the next one that is owed, or to the summary.
func (c conversation) setReason(ctx context.Context, r *flows.Request, sheet store.Sheet, about rules.ReasonOwed, text string) (flows.Outcome, error) {
	var err error
	if about.Overall() {
		err = c.store.SetOverallReason(ctx, r.Actor.PersonID, sheet.ID, about.Side, about.Rating, text)
	} else {
		err = c.store.SetReason(ctx, r.Actor.PersonID, sheet.ID, about.Indicator.ID, text)
	}
	err = c.explain(ctx, r, err, sheet.ID)
	switch {
	case errors.Is(err, store.ErrConflict): // rated otherwise meanwhile
		return flows.Outcome{}, notNeeded(r, sheet.ID)
	case err != nil:
		return flows.Outcome{}, err
	}
	after, err := c.sheet(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	to := flows.To("score.summary", sheet.ID)
	if owed := rules.Check(after, c.MinReason).Reasons; len(owed) > 0 {
		to = reasonLink(sheet.ID, owed[0])
	}
	return flows.Outcome{To: to, Toast: r.T.Plain("reason.stored")}, nil
}

func notNeeded(r *flows.Request, id int64) error {
	return flows.Refuse(r.T.Plain("reason.not_needed"), flows.To("score.summary", id))
}
