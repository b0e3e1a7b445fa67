package flows

import (
	"maps"
	"strings"
)

// cameFrom begins the keys of the draft under which it is kept from where a page in between was opened, by its route.
const cameFrom = "came_"

// Aside marks a page that is opened from many others and read in between, such as the help: its way back leads to where it was
// opened from, which is Request.Came.
func Aside(p *page) { p.aside = true }

// Within marks a page that belongs to a page in between, such as a form that is opened from it: while it is shown the way back of that page
// stays as it is.
func Within(route string) RouteOption {
	return func(p *page) { p.within = route }
}

// Came is where the page in between was opened from that is drawn, or whose action runs; the zero Link when that is not known any more.
func (r *Request) Came() Link { return r.CameTo(r.here) }

// CameTo is Came for a page in between whose inner page is shown: the link from which that one was opened.
func (r *Request) CameTo(route string) Link {
	link, err := ParseLink(r.Draft[cameFrom+route])
	if err != nil {
		return Link{}
	}
	return link
}

// keepTrail keeps from where a page in between is opened. One that shows its next part, or to which one returns from a page opened
// there, keeps what it had; any other page ends the trail.
func (s *scene) keepTrail(link Link) {
	draft, here := s.request.Draft, s.present()
	ours := func(key, _ string) bool { return strings.HasPrefix(key, cameFrom) }
	maps.DeleteFunc(draft, ours)
	to := s.engine.pages[link.Route]
	if !to.aside && to.within == "" {
		return
	}
	for key, value := range s.position.Draft {
		if ours(key, value) {
			draft[key] = value
		}
	}
	switch _, opened := draft[cameFrom+link.Route]; {
	case to.within != "", here.Route == link.Route, s.engine.pages[here.Route].within == link.Route && opened:
	case opened:
		delete(draft, cameFrom+here.Route)
	default:
		draft[cameFrom+link.Route] = here.String()
	}
}
