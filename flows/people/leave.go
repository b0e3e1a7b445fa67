package people

import (
	"context"
	"slices"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// leaveKinds are why somebody leaves, in their order.
var leaveKinds = []store.LeaveKind{store.Retired, store.MovedOut, store.Resigned, store.Died} //nolint:gochecknoglobals // a constant list

func leaveKind(r *flows.Request) (store.LeaveKind, error) {
	kind := store.LeaveKind(r.Args.Word(1))
	if !slices.Contains(leaveKinds, kind) {
		return "", flows.ErrBadLink
	}
	return kind, nil
}

// askLeave asks why somebody leaves.
func (c conversation) askLeave(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(about(r, "people.leave_title", p), "\n", r.T.HTML("people.ask_leave"))}
	for _, kind := range leaveKinds {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.leave_"+string(kind)), "people.leaveday", p.ID, string(kind))))
	}
	screen.Rows = append(screen.Rows, back(r, card(p.ID)))
	return screen, nil
}

// askLeaveDay asks since when.
func (c conversation) askLeaveDay(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	kind, err := leaveKind(r)
	if err != nil {
		return flows.Screen{}, err
	}
	today := c.calendar.Date(r.Now)
	return flows.Screen{
		Text: flows.Lines(about(r, "people.leave_title", p), r.T.HTML("people.leave_kind", locales.Args{"Kind": r.T.Plain("people.leave_" + string(kind))}), "\n", r.T.HTML("people.ask_leave_day", locales.Args{"Example": r.T.Day(r.Now.AddDate(0, 0, -7))})),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("people.leave_today", locales.Args{"Day": words.Day(r.T, today)}), "people.leavesure", p.ID, string(kind), today)),
			back(r, flows.To("people.leave", p.ID)),
		},
	}, nil
}

// takeLeaveDay reads the day. One to come is refused: he leaves on that day, not before.
func (c conversation) takeLeaveDay(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Outcome{}, err
	}
	kind, err := leaveKind(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	day, err := c.pastDay(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("people.leavesure", p.ID, string(kind), day)}, nil
}

// pastDay reads a day until today. One without a year is the last one.
func (c conversation) pastDay(r *flows.Request) (store.Date, error) {
	today := c.calendar.Date(r.Now)
	day, read := words.ReadPastDay(r.T, r.Text, today)
	if !read {
		return "", flows.Refuse(r.T.Plain("people.day_unknown"), flows.Link{})
	}
	if day > today {
		return "", flows.Refuse(r.T.Plain("people.day_to_come"), flows.Link{})
	}
	return day, nil
}

// sureLeave says what ends, and what becomes of the evaluations.
func (c conversation) sureLeave(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	kind, err := leaveKind(r)
	if err != nil {
		return flows.Screen{}, err
	}
	day := store.Date(r.Args.Word(2))
	lines := []string{about(r, "people.leave_title", p), r.T.HTML("people.leave_how", locales.Args{"Kind": r.T.Plain("people.leave_" + string(kind)), "Day": words.Day(r.T, day)}),
		"\n", r.T.HTML("people.leave_ends")}
	if n := open(p); n > 0 {
		lines = append(lines, r.T.HTML("people.leave_own", locales.Args{"Number": r.T.Number(n)}))
	}
	if p.ToDo > 0 {
		lines = append(lines, r.T.HTML("people.leave_todo", locales.Args{"Number": r.T.Number(p.ToDo)}))
	}
	if p.Evaluates > 0 {
		lines = append(lines, r.T.HTML("people.leave_team", locales.Args{"Number": r.T.Number(p.Evaluates)}))
	}
	return flows.Screen{Text: flows.Lines(lines...), Rows: [][]flows.Button{
		flows.Row(flows.Go(r.T.Plain("people.leave_yes"), "people.leaveset", p.ID, string(kind), day).Styled(flows.Danger)),
		back(r, flows.To("people.leaveday", p.ID, string(kind))),
	}}, nil
}

// open counts the evaluations of a person that are not final.
func open(p store.PersonCard) (n int) {
	for _, e := range p.Open {
		if e.State == store.EvaluationOpen {
			n++
		}
	}
	return n
}

func (c conversation) setLeave(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	kind, err := leaveKind(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	day := store.Date(r.Args.Word(2))
	if _, read := words.ReadDay(r.T, string(day), day); !read || day > c.calendar.Date(r.Now) {
		return flows.Outcome{}, flows.ErrBadLink
	}
	done, err := c.store.LeaveAs(ctx, r.Actor.PersonID, id, store.Leaving{Kind: kind, Day: day})
	if err != nil {
		return flows.Outcome{}, refused(r, err, card(id))
	}
	said, to := "people.has_left", card(id)
	if done.People > 0 {
		said = "people.leave_done"
	}
	team, _, err := c.store.TeamOf(ctx, r.Actor.PersonID, store.Team{EvaluatorID: id}, 0)
	if team.Number > 0 {
		to = flows.To("people.heirs", id, 0, 0) // the next thing to do, while the names are in mind
	}
	return flows.Outcome{To: to, Toast: r.T.Plain(said)}, err
}

// askBack says with what somebody comes back.
func (c conversation) askBack(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.store.PersonCardOf(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err == nil && p.Active {
		err = flows.Refuse(r.T.Plain("people.here_already"), card(p.ID))
	}
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(about(r, "people.back_title", p), unitLine(r.T, p), evaluatorLine(r.T, p), "\n", r.T.HTML("people.back_means")),
		Rows: [][]flows.Button{flows.Row(flows.Go(r.T.Plain("people.back_yes"), "people.backset", p.ID).Styled(flows.Confirm)), back(r, card(p.ID))},
	}, nil
}

func (c conversation) setBack(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	done, err := c.store.BringBack(ctx, r.Actor.PersonID, id)
	if err != nil {
		return flows.Outcome{}, refused(r, err, card(id))
	}
	said := "people.here_already"
	if done {
		said = "people.back_done"
	}
	return flows.Outcome{To: card(id), Toast: r.T.Plain(said)}, nil
}

// unlinkReasons are why an account is ended.
var unlinkReasons = []string{"lost", "wrong"} //nolint:gochecknoglobals // a constant list

// askUnlink asks why an account is to be ended.
func (c conversation) askUnlink(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	screen := flows.Screen{Text: flows.Lines(about(r, "people.unlink_title", p), c.accountLine(r.T, p), "\n", r.T.HTML("people.ask_unlink"))}
	for _, reason := range unlinkReasons {
		screen.Rows = append(screen.Rows, flows.Row(flows.Go(r.T.Plain("people.unlink_"+reason), "people.unlinksure", p.ID, reason)))
	}
	screen.Rows = append(screen.Rows, back(r, card(p.ID)))
	return screen, nil
}

func unlinkReason(r *flows.Request) (string, error) {
	if !slices.Contains(unlinkReasons, r.Args.Word(1)) {
		return "", flows.ErrBadLink
	}
	return r.Args.Word(1), nil
}

func (c conversation) sureUnlink(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	p, err := c.another(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	reason, err := unlinkReason(r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(about(r, "people.unlink_title", p), r.T.HTML("people.reason", locales.Args{"Reason": r.T.Plain("people.unlink_" + reason)}), "\n", r.T.HTML("people.unlink_means")),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("people.unlink_yes"), "people.unlinkset", p.ID, reason).Styled(flows.Danger)),
			back(r, flows.To("people.unlink", p.ID)),
		},
	}, nil
}

func (c conversation) setUnlink(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	id := r.Args.ID(0)
	reason, err := unlinkReason(r)
	if err != nil {
		return flows.Outcome{}, err
	}
	ended, err := c.store.UnlinkAs(ctx, r.Actor.PersonID, id, reason)
	if err != nil {
		return flows.Outcome{}, refused(r, err, card(id))
	}
	said := "people.unlinked_already"
	if ended {
		said = "people.unlinked"
	}
	return flows.Outcome{To: card(id), Toast: r.T.Plain(said)}, nil
}
