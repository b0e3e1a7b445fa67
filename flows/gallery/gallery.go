// Package gallery renders every page in every language into one HTML file, with the map of who leads where, so that wording
// and layout can be read at a glance and a page that nobody can reach is seen.
package gallery

import (
	"context"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"regexp"
	"slices"
	"sort"
	"strings"

	"kinerja/flows"
	"kinerja/store"
)

// Visitor is somebody through whose eyes the pages are walked.
type Visitor struct {
	Name  string
	Actor store.Actor // the zero Actor, with a Language, for a stranger
	From  []flows.Link
}

// Picture is one page as one visitor sees it in one language.
type Picture struct {
	Route, Language, Visitor string
	Text                     template.HTML
	Source                   string // the text as it goes to Telegram
	Rows                     [][]string
	Cut                      []string // labels that share a row in which not all of them can be read on a narrow phone
	Leads                    []string // routes of its buttons
}

// perRoute is how many links of one route a visitor follows: lists lead from page to page without end, and more of the same
// leads nowhere else.
const perRoute = 80

// Walk follows every button that leads to a page, from where each visitor may start, and returns the first picture of
// each page in each language. It only reads. Actions are not run: start it after a play that has made all states.
func Walk(ctx context.Context, engine *flows.Engine, languages []string, visitors []Visitor) ([]Picture, error) {
	var pictures []Picture
	for _, language := range languages {
		seen := map[string]bool{}
		for _, v := range visitors {
			v.Actor.Language = language
			found, err := walk(ctx, engine, v, seen)
			if err != nil {
				return nil, err
			}
			pictures = append(pictures, found...)
		}
	}
	sort.SliceStable(pictures, func(i, j int) bool {
		if pictures[i].Route != pictures[j].Route {
			return pictures[i].Route < pictures[j].Route
		}
		return pictures[i].Language > pictures[j].Language
	})
	return pictures, nil
}

func walk(ctx context.Context, engine *flows.Engine, v Visitor, seenRoutes map[string]bool) ([]Picture, error) {
	pages, _ := engine.Routes()
	queue, visited, times := slices.Clone(v.From), map[string]bool{}, map[string]int{}
	var pictures []Picture
	for len(queue) > 0 {
		next := max(0, slices.IndexFunc(queue, func(l flows.Link) bool { return times[l.Route] == 0 })) // what is new first
		link := queue[next]
		queue = slices.Delete(queue, next, next+1)
		if _, isPage := pages[link.Route]; !isPage || visited[link.String()] || times[link.Route] == perRoute {
			continue
		}
		visited[link.String()] = true
		times[link.Route]++
		screen, err := engine.Draw(ctx, v.Actor, link)
		var refused *flows.Refusal
		if errors.Is(err, store.ErrNotFound) || errors.As(err, &refused) {
			continue // a page that this visitor may not see, or that has nothing to show now
		}
		if err != nil {
			return nil, fmt.Errorf("draw %s for %s: %w", link, v.Name, err)
		}
		for _, row := range screen.Rows {
			for _, b := range row {
				queue = append(queue, b.To)
			}
		}
		if !seenRoutes[link.Route] {
			seenRoutes[link.Route] = true
			pictures = append(pictures, picture(link, v, screen))
		}
	}
	return pictures, nil
}

func picture(link flows.Link, v Visitor, s flows.Screen) Picture {
	p := Picture{Route: link.Route, Language: v.Actor.Language, Visitor: v.Name, Text: asHTML(s.Text), Source: s.Text}
	if s.ShareContact != "" {
		p.Rows = append(p.Rows, []string{"📱 " + s.ShareContact})
	}
	for _, row := range s.Rows {
		var labels []string
		for _, b := range row {
			labels = append(labels, b.Label)
			if !b.To.Zero() && !slices.Contains(p.Leads, b.To.Route) {
				p.Leads = append(p.Leads, b.To.Route)
			}
		}
		p.Rows = append(p.Rows, labels)
		if !flows.Fit(row) {
			p.Cut = append(p.Cut, labels...)
		}
	}
	return p
}

var allowedTag = regexp.MustCompile(`</?(?:b|i|u|s|a|code|pre|blockquote)>|<a href="tg://user\?id=[0-9]+">`)

// asHTML lets through only the tags that the screens use; all else is shown as text.
func asHTML(text string) template.HTML {
	var out strings.Builder
	plain := func(piece string) {
		out.WriteString(strings.ReplaceAll(html.EscapeString(html.UnescapeString(piece)), "\n", "<br>"))
	}
	at := 0
	for _, tag := range allowedTag.FindAllStringIndex(text, -1) {
		plain(text[at:tag[0]])
		out.WriteString(text[tag[0]:tag[1]])
		at = tag[1]
	}
	plain(text[at:])
	return template.HTML(out.String()) //nolint:gosec // escaped above, tags from a fixed list
}

var sheet = template.Must(template.New("gallery").Parse(`<!doctype html>
<html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>kinerja: gallery</title>
<style>
:root { color-scheme: light dark } body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 1rem; align-items: start }
article { border: 1px solid #8885; border-radius: 12px; padding: .8rem } h2 { font: 600 13px ui-monospace, monospace; margin: 0 0 .5rem }
.row { display: flex; gap: 4px; margin-top: 4px } .row span { flex: 1; text-align: center; background: #3390ec22; border-radius: 8px; padding: .35rem .2rem }
footer { font: 12px ui-monospace, monospace; opacity: .7; margin-top: .6rem; overflow-wrap: anywhere }
</style>
<h1>kinerja</h1><p>{{len .}} screens</p><main>
{{range .}}<article id="{{.Route}}-{{.Language}}" lang="{{.Language}}"><h2>{{.Route}} · {{.Language}} · {{.Visitor}}</h2><div>{{.Text}}</div>
{{range .Rows}}<div class="row">{{range .}}<span>{{.}}</span>{{end}}</div>{{end}}
{{range .Cut}}<p class="cut">✂ {{.}}</p>{{end}}<footer>→ {{range .Leads}}{{.}} {{end}}</footer></article>
{{end}}</main>`)) //nolint:gochecknoglobals // a parsed constant

// Write writes the pictures as one HTML page that needs nothing else.
func Write(w io.Writer, pictures []Picture) error {
	if err := sheet.Execute(w, pictures); err != nil {
		return fmt.Errorf("write gallery: %w", err)
	}
	return nil
}
