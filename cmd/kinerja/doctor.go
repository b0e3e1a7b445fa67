package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
)

// doctorCommand looks at everything that `serve` needs with the settings of `serve`, and at what the city still lacks. It changes nothing but one
// tiny row and one key by which it sees that both stores take writes.
type doctorCommand struct {
	serveCommand
	Language string `env:"KINERJA_LANGUAGE" enum:"id,en" default:"id" help:"Language of the report: id or en."`
}

// state is what became of a check.
type state string

const (
	fine    state = "fine"
	todo    state = "todo"
	skipped state = "skipped" // something before it does not work
)

// finding is one line of the report, and what to do about it.
type finding struct {
	state      state
	what, todo string
}

// doctor collects findings.
type doctor struct {
	settings *doctorCommand
	calendar rules.Calendar
	now      func() time.Time
	t        *locales.Translator

	system, city []finding
}

// checkLimit is how long each of the things outside may take to answer.
const checkLimit = 12 * time.Second

// Run looks at everything and prints what it saw. The exit code is 0 when nothing must be done, 1 when the system needs something, and 3 when
// only the city's administrators have something left to do.
func (d *doctorCommand) Run(c console) error {
	t, err := translator(d.Language)
	if err != nil {
		return err
	}
	calendar, err := rules.NewCalendar()
	if err != nil {
		return err
	}
	doc := &doctor{settings: d, calendar: calendar, now: time.Now, t: t}
	doc.examine(c.ctx)
	if err := doc.print(c.stdout); err != nil {
		return err
	}
	return doc.verdict()
}

// examine does all checks. None of them stops the others.
func (d *doctor) examine(ctx context.Context) {
	wrong := map[string]bool{}
	for _, p := range d.settings.problems() {
		wrong[p.name] = true
		d.missing("setting", "setting_do", locales.Args{"Name": p.name, "What": p.what, "Example": p.example})
	}
	if len(wrong) == 0 {
		d.good("settings")
	}
	if wrong["TELEGRAM_TOKEN"] || wrong["TELEGRAM_API_URL"] {
		d.skip("token", "webhook")
	} else {
		d.telegram(ctx, wrong["WEBHOOK_URL"])
	}
	if wrong["REDIS_URL"] {
		d.skip("redis")
	} else {
		d.redis(ctx)
	}
	d.workCalendar()
	if wrong["DATABASE_URL"] {
		d.skip("database", "schema", "charset", "city")
		return
	}
	d.database(ctx)
}

// good notes that a thing is as it should be.
func (d *doctor) good(key string, args ...locales.Args) {
	d.system = append(d.system, finding{state: fine, what: d.say(key, args...)})
}

// missing notes what has to be done; remedy is the key of how.
func (d *doctor) missing(key, remedy string, args ...locales.Args) {
	d.system = append(d.system, finding{state: todo, what: d.say(key, args...), todo: d.say(remedy, args...)})
}

// skip notes things that could not be looked at.
func (d *doctor) skip(names ...string) {
	for i, name := range names {
		names[i] = d.say("name_" + name)
	}
	d.system = append(d.system, finding{state: skipped, what: d.say("not_looked", locales.Args{"What": strings.Join(names, ", ")})})
}

func (d *doctor) say(key string, args ...locales.Args) string {
	return d.t.Plain("doctor."+key, args...)
}

// print writes the report: each line with a word for its state, and below it what to do.
func (d *doctor) print(out io.Writer) error {
	var text strings.Builder
	fmt.Fprintln(&text, d.say("title", locales.Args{"Version": version, "Moment": d.t.LongMoment(d.now())}))
	for _, part := range []struct {
		title    string
		findings []finding
	}{{"system", d.system}, {"city", d.city}} {
		if len(part.findings) == 0 {
			continue
		}
		fmt.Fprintf(&text, "\n%s\n", d.say(part.title))
		for _, f := range part.findings {
			fmt.Fprintf(&text, "  %-8s %s\n", d.say(string(f.state)), f.what)
			if f.todo != "" {
				fmt.Fprintf(&text, "  %-8s → %s\n", "", f.todo)
			}
		}
	}
	if open(d.system)+open(d.city) == 0 {
		fmt.Fprintf(&text, "\n%s\n", d.say("well"))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

func open(findings []finding) (n int) {
	for _, f := range findings {
		if f.state == todo {
			n++
		}
	}
	return n
}

// findingsError tells that something has to be done, and by whom.
type findingsError struct {
	text string
	code int
}

func (e findingsError) Error() string { return e.text }

func (d *doctor) verdict() error {
	system, city := open(d.system), open(d.city)
	switch {
	case system > 0 && len(d.city) == 0:
		return findingsError{d.say("verdict_only", locales.Args{"System": d.t.Number(system)}), exitFailed}
	case system > 0:
		return findingsError{d.say("verdict_system", locales.Args{"System": d.t.Number(system), "City": d.t.Number(city)}), exitFailed}
	case city > 0:
		return findingsError{d.say("verdict_city", locales.Args{"City": d.t.Number(city)}), exitPartly}
	}
	return nil
}

// steps are what the city lacks, the same list that /admin shows.
func (d *doctor) steps(ctx context.Context, s *store.Store) {
	lacking, err := s.Readiness(ctx, store.Operator)
	if err != nil {
		d.missing("city_unread", "city_unread_do", locales.Args{"Cause": inWords(err)})
		return
	}
	number := map[store.Step]store.NextStep{}
	for _, l := range lacking {
		number[l.Step] = l
	}
	for _, step := range store.Steps() {
		l, open := number[step]
		switch {
		case open:
			d.city = append(d.city, finding{state: todo, what: d.t.Plain("step."+string(step), locales.Args{"Number": d.t.Number(l.Number)}), todo: d.say("do_" + string(step))})
		default:
			d.city = append(d.city, finding{state: fine, what: d.say("done_" + string(step))})
		}
		if open && (step == store.StepUnits || step == store.StepPeople) {
			return // the others are about people
		}
	}
}
