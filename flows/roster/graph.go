package roster

// entry is a row that is good so far.
type entry[T any] struct {
	at    place
	key   string
	value T
	bad   bool
}

// graph is rows of which each may point at another one, in the file or in the store: units at parents, people at superiors.
// It finds the rows that point nowhere or in a circle.
type graph[T any] struct {
	sheet      string
	target     func(T) string // key of what an entry points at, "" for nothing
	stored     map[string]T
	gone       map[string]bool // keys that rows may point at although they are neither stored nor in the file
	wrong      func(sheet string, at place, problems ...Problem)
	lost, loop string // keys of the two problems
	entries    []*entry[T]
	byKey      map[string]*entry[T]
}

// add takes a row; keys are unique.
func (g *graph[T]) add(at place, key string, value T) {
	if g.byKey == nil {
		g.byKey = map[string]*entry[T]{}
	}
	e := &entry[T]{at: at, key: key, value: value}
	g.entries = append(g.entries, e)
	g.byKey[key] = e
}

// good reports what is wrong and returns the other rows. A row that is taken out can leave others pointing nowhere, and puts
// back what the store says, which can close another circle: so it looks again until nothing more is found.
func (g *graph[T]) good() []*entry[T] {
	g.dropLost()
	for g.dropCircles() {
		g.dropLost()
	}
	list := make([]*entry[T], 0, len(g.entries))
	for _, e := range g.entries {
		if !e.bad {
			list = append(list, e)
		}
	}
	return list
}

func (g *graph[T]) drop(e *entry[T], problem string) {
	e.bad = true
	g.wrong(g.sheet, e.at, wrong(problem, nil))
}

// exists reports whether a key will be in the store after the import.
func (g *graph[T]) exists(key string) bool {
	if _, stored := g.stored[key]; stored || g.gone[key] {
		return true
	}
	e, found := g.byKey[key]
	return found && !e.bad
}

// dropLost drops the rows that point nowhere, and those that pointed at them.
func (g *graph[T]) dropLost() {
	pointing := map[string][]*entry[T]{}
	var lost []*entry[T]
	for _, e := range g.entries {
		target := g.target(e.value)
		if e.bad || target == "" {
			continue
		}
		pointing[target] = append(pointing[target], e)
		if !g.exists(target) {
			lost = append(lost, e)
		}
	}
	for len(lost) > 0 {
		e := lost[len(lost)-1]
		lost = lost[:len(lost)-1]
		if e.bad {
			continue
		}
		g.drop(e, g.lost)
		if !g.exists(e.key) {
			lost = append(lost, pointing[e.key]...)
		}
	}
}

// next follows a key to what it will point at after the import.
func (g *graph[T]) next(key string) string {
	if e, found := g.byKey[key]; found && !e.bad {
		return g.target(e.value)
	}
	if stored, found := g.stored[key]; found {
		return g.target(stored)
	}
	return ""
}

// dropCircles drops every row of the file that lies on a circle and reports whether there was one.
func (g *graph[T]) dropCircles() bool {
	walked := map[string]int{} // number of the walk that came by first
	var circle []*entry[T]
	for walk, start := range g.entries {
		if start.bad {
			continue
		}
		key := start.key
		for key != "" && walked[key] == 0 {
			walked[key] = walk + 1
			key = g.next(key)
		}
		if key == "" || walked[key] != walk+1 {
			continue // it ended, or met an earlier walk
		}
		for at := key; ; {
			if e, found := g.byKey[at]; found && !e.bad {
				circle = append(circle, e)
			}
			if at = g.next(at); at == key {
				break
			}
		}
	}
	for _, e := range circle {
		g.drop(e, g.loop)
	}
	return len(circle) > 0
}
