package assignment

import (
	"context"
	"strings"
	"time"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// registerDelegation adds what concerns deputies. The first id of a new delegation is the absent evaluator, the second his deputy.
func (c conversation) registerDelegation(e *flows.Engine) {
	e.Page("assign.delegations", "n", c.delegations)
	e.Page("assign.absent", "n", c.askAbsent, flows.Accepts(flows.Text, "assign.findabsent"))
	e.Action("assign.findabsent", "n", c.findAbsent)
	e.Page("assign.delegation", "id", c.delegation)
	e.Page("assign.endask", "id", c.askEnd)
	e.Action("assign.end", "id", c.end)
	e.Page("assign.deputy", "id n", c.askDeputy, flows.Accepts(flows.Text, "assign.finddeputy"))
	e.Action("assign.finddeputy", "id n", c.findDeputy)
	e.Page("assign.capacity", "id id", c.askCapacity)
	e.Page("assign.from", "id id word", c.askFrom, flows.Accepts(flows.Text, "assign.savefrom"))
	e.Action("assign.savefrom", "id id word", c.saveFrom)
	e.Page("assign.until", "id id word date", c.askUntil, flows.Accepts(flows.Text, "assign.saveuntil"))
	e.Action("assign.saveuntil", "id id word date", c.saveUntil)
	e.Page("assign.letter", "id id word date date", c.askLetter, flows.Accepts(flows.Text, "assign.saveletter"))
	e.Action("assign.saveletter", "id id word date date", c.saveLetter)
	e.Page("assign.name", "id id word date date", c.sureDelegate)
	e.Action("assign.delegate", "id id word date date", c.delegate)
}

// delegations lists the deputies of the administrator's units.
func (c conversation) delegations(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	lines, total, page, pages, err := turn(r.Args.Int(0), func(offset, limit int) ([]store.DelegationView, int, error) {
		return c.store.DelegationsFor(ctx, r.Actor.PersonID, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	text := []string{r.T.HTML("assign.deputies_title"), "\n"}
	var rows [][]flows.Button
	var names []string
	for n, d := range lines {
		names = append(names, d.Deputy)
		args := args(r.T, d)
		args["Number"] = (page-1)*perPage + n + 1
		text = append(text, r.T.HTML("assign.deputy_line", args))
	}
	rows = append(rows, numbered(names, (page-1)*perPage, func(n int) flows.Link { return flows.To("assign.delegation", lines[n].ID) }, unmarked)...)
	if total == 0 {
		text = append(text, r.T.HTML("assign.deputies_none"))
	}
	rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.new_deputy"), "assign.absent", 1)))
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("assign.delegations", n) })...)
	return flows.Screen{Text: flows.Lines(append(text, "\n", r.T.HTML("assign.deputies_hint"))...), Rows: append(rows, back(r, "period.home", 1))}, nil
}

// askAbsent lists the evaluators of the administrator's units, for whom a deputy may be named. What is typed is a search among them.
func (c conversation) askAbsent(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	text := r.Draft[queryAbsent]
	found, total, page, pages, err := turn(r.Args.Int(0), func(offset, limit int) ([]store.Chosen, int, error) {
		return c.store.FindEvaluators(ctx, r.Actor.PersonID, text, offset, limit)
	})
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("assign.absent_title", locales.Args{"Number": r.T.Number(total)})}
	if text != "" {
		lines = append(lines, r.T.HTML("assign.found", locales.Args{"Text": text}))
	}
	lines = append(lines, "\n")
	var names []string
	for n, one := range found {
		names = append(names, one.Name)
		lines = append(lines, r.T.HTML("assign.absent_line", locales.Args{"Number": (page-1)*perPage + n + 1, "Name": one.Name, "Unit": one.Unit}))
	}
	rows := numbered(names, (page-1)*perPage, func(n int) flows.Link { return flows.To("assign.deputy", found[n].ID, 0) }, unmarked)
	rows = append(rows, flows.Pager(r.T, page, pages, func(n int) flows.Link { return flows.To("assign.absent", n) })...)
	return flows.Screen{Text: flows.Lines(append(lines, "\n", r.T.HTML("assign.ask_absent"))...), Rows: append(rows, back(r, "assign.delegations", 1))}, nil
}

func (c conversation) findAbsent(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	text := words.ShortQuery(r.Text)
	_, total, err := c.store.FindEvaluators(ctx, r.Actor.PersonID, text, 0, 1)
	if err != nil {
		return flows.Outcome{}, err
	}
	if total == 0 {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.none_found", locales.Args{"Text": text}), flows.Link{})
	}
	r.Draft[queryAbsent] = text
	return flows.Outcome{To: flows.To("assign.absent", 1)}, nil
}

// args are what sentences about a delegation hold.
func args(t *locales.Translator, d store.DelegationView) locales.Args {
	return locales.Args{"Evaluator": d.Evaluator, "Deputy": d.Deputy, "Capacity": capacity(t, d.Capacity), "From": words.Day(t, d.FirstDay), "Until": words.Day(t, d.LastDay),
		"Letter": d.Letter, "State": t.Plain("assign.delegation_" + string(d.State))}
}

func (c conversation) delegation(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	d, err := c.store.DelegationFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	lines := []string{r.T.HTML("assign.delegation_title", args(r.T, d)), "\n", r.T.HTML("assign.delegation_who", args(r.T, d)), r.T.HTML("assign.delegation_days", args(r.T, d)),
		r.T.HTML("assign.delegation_letter", args(r.T, d)), r.T.HTML("assign.delegation_state", args(r.T, d))}
	if d.OwnPeople > 0 {
		lines = append(lines, "\n", r.T.HTML("assign.delegation_own", args(r.T, d)))
	}
	var rows [][]flows.Button
	if d.State != store.DelegationOver {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.to_end"), "assign.endask", d.ID)))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: append(rows, back(r, "assign.delegations", 1))}, nil
}

func (c conversation) askEnd(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	d, err := c.store.DelegationFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, err
	}
	if d.State == store.DelegationOver {
		return flows.Screen{}, flows.Refuse(r.T.Plain("assign.ended_already"), flows.To("assign.delegation", d.ID))
	}
	return flows.Screen{Text: flows.Lines(r.T.HTML("assign.delegation_title", args(r.T, d)), "\n", r.T.HTML("assign.end_sure", args(r.T, d))),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("assign.end_yes"), "assign.end", d.ID).Styled(flows.Danger)), back(r, "assign.delegation", d.ID)}}, nil
}

func (c conversation) end(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	to := flows.To("assign.delegation", r.Args.ID(0))
	if err := c.store.EndDelegation(ctx, r.Actor.PersonID, r.Args.ID(0)); err != nil {
		return flows.Outcome{}, c.explain(r, err, to)
	}
	return flows.Outcome{To: to, Toast: r.T.Plain("assign.ended_now")}, nil
}

// absent is the evaluator of the first argument.
func (c conversation) absent(ctx context.Context, r *flows.Request) (store.Chosen, error) {
	return c.store.OfficialIn(ctx, r.Actor.PersonID, r.Args.ID(0))
}

func (c conversation) askDeputy(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	evaluator, err := c.absent(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	list, rows, err := c.officials(ctx, r, evaluator.ID, r.Args.Int(1), func(id int64) flows.Link { return flows.To("assign.capacity", evaluator.ID, id) },
		func(n int) flows.Link { return flows.To("assign.deputy", evaluator.ID, n) })
	lines := []string{r.T.HTML("assign.deputy_for", locales.Args{"Name": evaluator.Name}), locales.Escape(evaluator.Position), "\n"}
	return flows.Screen{Text: flows.Lines(append(append(lines, list...), r.T.HTML("assign.ask_deputy"))...), Rows: append(rows, back(r, "assign.delegations", 1))}, err
}

func (c conversation) findDeputy(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	evaluator, err := c.absent(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	done, err := c.search(ctx, r, evaluator.ID, flows.To("assign.deputy", evaluator.ID, 1))
	if err != nil && r.Text != "" { // perhaps it is himself who was typed
		if _, n, again := c.store.FindOfficials(ctx, r.Actor.PersonID, 0, words.ShortQuery(r.Text), 0, 1); again == nil && n == 1 {
			return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.deputy_himself"), flows.Link{})
		}
	}
	return done, err
}

// heading names who stands in for whom.
func (c conversation) heading(ctx context.Context, r *flows.Request) ([]string, error) {
	evaluator, err := c.absent(ctx, r)
	if err != nil {
		return nil, err
	}
	deputy, err := c.store.OfficialFor(ctx, r.Actor.PersonID, r.Args.ID(1))
	if err != nil {
		return nil, err
	}
	// The records refuse these too; here it is told before days and a letter are asked for.
	for _, no := range []struct {
		so  bool
		key string
	}{
		{deputy.ID == evaluator.ID, "assign.deputy_himself"}, {deputy.ID == r.Actor.PersonID, "assign.own"},
		{evaluator.SuperiorID != nil && *evaluator.SuperiorID == deputy.ID, "assign.is_superior"},
	} {
		if no.so {
			return nil, flows.Refuse(r.T.Plain(no.key), flows.To("assign.deputy", evaluator.ID, 0))
		}
	}
	lines := []string{r.T.HTML("assign.deputy_for", locales.Args{"Name": evaluator.Name}),
		r.T.HTML("assign.deputy_is", locales.Args{"Name": deputy.Name, "Position": deputy.Position, "Unit": deputy.Unit})}
	if !deputy.Linked {
		lines = append(lines, r.T.HTML("assign.next_unlinked"))
	}
	return append(lines, "\n"), nil
}

func (c conversation) askCapacity(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	lines, err := c.heading(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	var rows [][]flows.Button
	for _, as := range []store.Capacity{store.Plh, store.Plt} {
		rows = append(rows, flows.Row(flows.Go(r.T.Plain("assign.as_"+string(as)), "assign.from", r.Args.ID(0), r.Args.ID(1), string(as))))
	}
	return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("assign.ask_capacity"))...), Rows: append(rows, back(r, "assign.deputy", r.Args.ID(0), 1))}, nil
}

func known(r *flows.Request) (store.Capacity, error) {
	as := store.Capacity(r.Args.Word(2))
	if as != store.Plt && as != store.Plh {
		return "", flows.ErrBadLink
	}
	return as, nil
}

func (c conversation) today(r *flows.Request) store.Date { return c.calendar.Date(r.Now) }

// after is a day some days later.
func after(day store.Date, days int) store.Date {
	at, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return day
	}
	return store.Date(at.AddDate(0, 0, days).Format(time.DateOnly))
}

func (c conversation) askFrom(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	as, err := known(r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, err := c.heading(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	var row []flows.Button
	for _, day := range []store.Date{c.today(r), after(c.today(r), 1)} {
		row = append(row, flows.Go(words.Day(r.T, day), "assign.until", r.Args.ID(0), r.Args.ID(1), string(as), string(day)))
	}
	return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("assign.ask_from"))...), Rows: [][]flows.Button{row, back(r, "assign.capacity", r.Args.ID(0), r.Args.ID(1))}}, nil
}

// typedDay reads the day that was typed.
func (c conversation) typedDay(r *flows.Request) (store.Date, error) {
	day, ok := words.ReadNearDay(r.T, r.Text, c.today(r))
	if !ok {
		return "", flows.Refuse(r.T.Plain("assign.no_day", locales.Args{"Example": words.Day(r.T, after(c.today(r), 7))}), flows.Link{})
	}
	return day, nil
}

func (c conversation) saveFrom(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.heading(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	day, err := c.typedDay(r)
	return flows.Outcome{To: flows.To("assign.until", r.Args.ID(0), r.Args.ID(1), r.Args.Word(2), string(day))}, err
}

func (c conversation) askUntil(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	as, err := known(r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, err := c.heading(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	from := store.Date(r.Args.Word(3))
	var row []flows.Button
	for _, days := range []int{6, 13, 29} {
		day := after(from, days)
		row = append(row, flows.Go(words.Day(r.T, day), "assign.letter", r.Args.ID(0), r.Args.ID(1), string(as), string(from), string(day)))
	}
	return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("assign.ask_until", locales.Args{"From": words.Day(r.T, from)}))...),
		Rows: append(flows.Pack(perRow, row...), back(r, "assign.from", r.Args.ID(0), r.Args.ID(1), string(as)))}, nil
}

func (c conversation) saveUntil(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.heading(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	day, err := c.typedDay(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	if day < store.Date(r.Args.Word(3)) || day < c.today(r) {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.days_over"), flows.Link{})
	}
	return flows.Outcome{To: flows.To("assign.letter", r.Args.ID(0), r.Args.ID(1), r.Args.Word(2), r.Args.Word(3), string(day))}, nil
}

func (c conversation) askLetter(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	as, err := known(r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, err := c.heading(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	days := locales.Args{"From": words.Day(r.T, store.Date(r.Args.Word(3))), "Until": words.Day(r.T, store.Date(r.Args.Word(4))), "Capacity": capacity(r.T, as)}
	return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("assign.delegation_days", days), r.T.HTML("assign.ask_letter"))...),
		Rows: [][]flows.Button{back(r, "assign.until", r.Args.ID(0), r.Args.ID(1), string(as), r.Args.Word(3))}}, nil
}

const longestLetter = 100 // as the store has room for

func (c conversation) saveLetter(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, err := c.heading(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	letter := strings.Join(strings.Fields(r.Text), " ")
	if n := len([]rune(letter)); n < 3 || n > longestLetter {
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.letter_wrong"), flows.Link{})
	}
	r.Draft[draftLetter] = letter
	return flows.Outcome{To: c.sameDays(r, "assign.name")}, nil
}

func (c conversation) sameDays(r *flows.Request, route string) flows.Link {
	return flows.To(route, r.Args.ID(0), r.Args.ID(1), r.Args.Word(2), r.Args.Word(3), r.Args.Word(4))
}

func (c conversation) sureDelegate(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	as, err := known(r)
	if err != nil {
		return flows.Screen{}, err
	}
	lines, err := c.heading(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	letter := r.Draft[draftLetter]
	if letter == "" {
		return flows.Screen{Text: flows.Lines(append(lines, r.T.HTML("assign.typed_gone"))...),
			Rows: [][]flows.Button{flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: c.sameDays(r, "assign.letter")})}}, nil
	}
	all := locales.Args{"From": words.Day(r.T, store.Date(r.Args.Word(3))), "Until": words.Day(r.T, store.Date(r.Args.Word(4))), "Capacity": capacity(r.T, as), "Letter": letter}
	lines = append(lines, r.T.HTML("assign.delegation_days", all), r.T.HTML("assign.delegation_letter", all), "\n", r.T.HTML("assign.delegate_what"))
	yes := flows.Button{Label: r.T.Plain("assign.delegate_yes", all), To: c.sameDays(r, "assign.delegate")}
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{flows.Row(yes.Styled(flows.Confirm)),
		flows.Row(flows.Button{Label: r.T.Plain("common.back"), To: c.sameDays(r, "assign.letter")})}}, nil
}

func (c conversation) delegate(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	as, err := known(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	letter := r.Draft[draftLetter]
	if letter == "" {
		if _, err := c.heading(ctx, r); err != nil {
			return flows.Outcome{}, err
		}
		return flows.Outcome{}, flows.Refuse(r.T.Plain("assign.typed_gone"), c.sameDays(r, "assign.letter"))
	}
	form := store.DelegationForm{EvaluatorID: r.Args.ID(0), DeputyID: r.Args.ID(1), Capacity: as, FirstDay: store.Date(r.Args.Word(3)), LastDay: store.Date(r.Args.Word(4)), Letter: letter}
	if form.BeginsAt, err = c.midnight(form.FirstDay); err != nil {
		return flows.Outcome{}, flows.ErrBadLink
	}
	if form.EndsAt, err = c.midnight(after(form.LastDay, 1)); err != nil {
		return flows.Outcome{}, flows.ErrBadLink
	}
	d, err := c.store.Delegate(ctx, r.Actor.PersonID, form)
	if err != nil {
		return flows.Outcome{}, c.explain(r, err, flows.To("assign.deputy", form.EvaluatorID, 0))
	}
	// The letter stays in the draft: the second of two taps writes the same delegation, which is one.
	return flows.Outcome{To: flows.To("assign.delegation", d.ID), Toast: r.T.Plain("assign.delegated_now")}, nil
}

// midnight is when a day begins in the zone of the people.
func (c conversation) midnight(day store.Date) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, string(day), c.calendar.Location())
}
