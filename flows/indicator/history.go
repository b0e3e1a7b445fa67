package indicator

import (
	"context"
	"strings"

	"kinerja/flows"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

const (
	versionsPerPage  = 6
	changesInLine    = 2 // that are told in the list of versions; the page of one tells more
	changesOnPage    = 8
	longestChange    = 60 // characters of a name or a value in a change
	longestInHistory = 30
)

// history lists the versions of a unit's own indicators, each with what it changed.
func (c conversation) history(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return flows.Screen{}, err
	}
	view, err := c.store.TemplateOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	page := max(1, r.Args.Int(1))
	versions, total, err := c.store.TemplateHistory(ctx, r.Actor.PersonID, view.UnitID, (page-1)*versionsPerPage, versionsPerPage)
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{title(r, view), "\n"}
	var rows [][]flows.Button
	for _, v := range versions {
		if !v.Inherits {
			rows = append(rows, flows.Row(flows.Go(r.T.Plain("indicator.version_button", locales.Args{"Version": v.Version}), "indicator.version", view.UnitID, v.ID)))
		}
		lines = append(lines, r.T.HTML("indicator.version_line", versionArgs(r, v)), locales.Escape(whatChanged(r, v)))
	}
	if total == 0 {
		lines = append(lines, r.T.HTML("indicator.no_history"))
	}
	pages := max(1, (total+versionsPerPage-1)/versionsPerPage)
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("indicator.history", view.UnitID, n) })...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, unitLink(view.UnitID)))}, nil
}

func versionArgs(r *flows.Request, v store.TemplateVersionLine) locales.Args {
	who := v.By
	if who == "" {
		who = r.T.Plain("indicator.by_program")
	}
	return locales.Args{"Version": v.Version, "When": r.T.Moment(v.CreatedAt), "Who": who}
}

// whatChanged tells in a few words what a version changed.
func whatChanged(r *flows.Request, v store.TemplateVersionLine) string {
	if v.Inherits {
		return r.T.Plain("indicator.version_inherits")
	}
	if v.Before == nil {
		return r.T.Plain("indicator.version_first", locales.Args{"Number": len(v.Indicators)})
	}
	found := rules.Differences(v.Before, v.Indicators)
	if len(found) == 0 {
		return r.T.Plain("differ.nothing")
	}
	var said []string
	for _, d := range found[:min(len(found), changesInLine)] {
		said = append(said, words.Difference(r.T, d, longestInHistory))
	}
	if more := len(found) - changesInLine; more > 0 {
		said = append(said, r.T.Plain("differ.more", locales.Args{"Number": more}))
	}
	return strings.Join(said, "; ")
}

// version shows one version of the history, and offers it for the periods to come.
func (c conversation) version(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, version, err := c.versionOf(ctx, r, r.Args.ID(1))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{title(r, view), r.T.HTML("indicator.version_title", versionArgs(r, version))}
	var rows [][]flows.Button
	switch {
	case view.VersionID == version.ID:
		lines = append(lines, r.T.HTML("indicator.version_now"))
	case view.MayChange:
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("indicator.reuse"), "indicator.again", view.UnitID, view.VersionID, version.ID)))
	}
	if version.Before == nil {
		lines = append(lines, "\n", locales.Escape(whatChanged(r, version)))
	} else {
		lines = append(lines, "\n", r.T.HTML("indicator.version_changed"))
		lines = append(lines, words.Differences(r.T, rules.Differences(version.Before, version.Indicators), changesOnPage, longestChange)...)
	}
	lines = append(append(lines, "\n"), indicatorLines(r, version.Indicators)...)
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, backTo(r, flows.To("indicator.history", view.UnitID, 1)))}, nil
}

// versionOf reads the unit of the first argument, and a version of its history.
func (c conversation) versionOf(ctx context.Context, r *flows.Request, versionID int64) (store.UnitTemplate, store.TemplateVersionLine, error) {
	if _, err := c.administrator(ctx, r); err != nil {
		return store.UnitTemplate{}, store.TemplateVersionLine{}, err
	}
	view, err := c.store.TemplateOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return view, store.TemplateVersionLine{}, err
	}
	version, err := c.store.TemplateVersionOf(ctx, r.Actor.PersonID, view.UnitID, versionID)
	return view, version, err
}

// askReuse tells what would be otherwise than now if a version of the history were used again.
func (c conversation) askReuse(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	view, err := c.seen(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	_, version, err := c.versionOf(ctx, r, r.Args.ID(2))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{title(r, view), r.T.HTML("indicator.version_title", versionArgs(r, version)), "\n"}
	back := backTo(r, flows.To("indicator.version", view.UnitID, version.ID))
	found := rules.Differences(view.Indicators, version.Indicators)
	if len(found) == 0 && view.Own() {
		return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("indicator.reuse_same"))...), Rows: [][]flows.Button{back}}, nil
	}
	lines = append(lines, r.T.HTML("indicator.reuse_ask"))
	if !view.Own() {
		lines = append(lines, r.T.HTML("indicator.reuse_own", locales.Args{"From": unitName(r.T, view.FromUnit)}))
	}
	lines = append(lines, words.Differences(r.T, found, changesOnPage, longestChange)...)
	return flows.Screen{
		Text: flows.Lines(append(lines, "\n", r.T.HTML("indicator.from_next_period"))...),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("indicator.reuse_yes"), "indicator.reuse", view.UnitID, view.VersionID, version.ID).Styled(flows.Confirm)), back},
	}, nil
}

func (c conversation) reuse(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	version, err := c.store.TemplateVersionOf(ctx, r.Actor.PersonID, r.Args.ID(0), r.Args.ID(2))
	if err != nil {
		return flows.Outcome{}, err
	}
	return c.replace(ctx, r, version.Indicators)
}
