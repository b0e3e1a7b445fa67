package trail

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// shows is how what an action left in the audit is read. What stands in no row is not told: an evaluation's ratings, reasons and notes are for
// those who may open it, whoever administers, and a Telegram account is nobody else's.
type shows int

// The ways.
const (
	nothing  shows = iota // its content is not for administrators, or there is none
	text                  // as it stands
	fields                // JSON fields, those that differ
	role                  // a role and its unit
	unit                  // the id of a unit
	number                // how many
	grade                 // organisation performance
	version               // the number of a version
	day                   // a day
	person                // the id of a person
	audience              // to whom a message goes, and to how many
)

// actions are all that the audit may name, each with how its content is read. A test plays everything and knows an action that is missing here.
var actions = map[string]shows{ //nolint:gochecknoglobals // a constant table
	"linked": nothing, "unlinked": nothing, "invited": nothing, "phone_refused": nothing, "invitations.print": number, "notice_shown": text,
	"superior_reported_wrong": nothing, "postponed_reminder": day,
	"role.grant": role, "role.revoke": role, "role.move": role,
	"person.new": fields, "person.change": fields, "person.leave": nothing, "person.merge": nothing, "person.nip": text, "person.evaluator_reason": nothing,
	"unit.new": fields, "unit.change": fields, "unit.rename": text, "unit.move": unit, "unit.merge": nothing, "unit.takeover": nothing, "unit.led": unit,
	"upload.take": text, "upload.checking": nothing, "upload.asking": nothing, "upload.ready": nothing, "upload.applying": nothing, "upload.done": nothing,
	"upload.unusable": nothing, "upload.dropped": nothing, "file.request": nothing,
	"template.version": version, "personal.version": version, "personal.take": nothing,
	"period.prepare": fields, "period.rewrite": fields, "period.discard": nothing, "period.open": fields, "period.opened": nothing, "period.extend": fields,
	"period.publish": nothing, "period.close": nothing, "period.archive": nothing, "period.restore": nothing, "period.nudge": number, "performance.set": grade,
	"rated": nothing, "rated_rest": nothing, "set_reason": nothing, "set_note": nothing, "set_work_reason": nothing, "set_behaviour_reason": nothing,
	"set_follow_up": nothing, "named_training": nothing, "chose_work": nothing, "chose_behaviour": nothing,
	"evaluation.add": person, "evaluation.exclude": nothing, "evaluation.include": nothing, "evaluation.pass": person, "delegation.create": fields,
	"delegation.begin": nothing, "delegation.end": nothing, "result.reopen": fields,
	"finalised": nothing, "finalised_in_batch": nothing, "confirmed_others": nothing, "took_back": nothing, "opened": nothing, "acknowledged": nothing,
	"followup.done": nothing, "followup.undone": nothing, "asked_to_talk": nothing, "answered_talk": nothing, "looked": nothing,
	"message.draft": audience, "message.discard": audience, "message.send": audience, "message.written": number, "message.stop": number,
	"notifications.owed_again": number, "pruned": number,
}

// seen are the things that a look in the audit may be about.
var seen = []string{"result", "team", "person", "personal", "evaluation", "period", "draft"} //nolint:gochecknoglobals // a constant list

// Known reports whether an action of the audit, on a subject, has words.
func Known(action, subject string) bool {
	_, ok := actions[action]
	return ok && (action != "looked" || slices.Contains(seen, subject))
}

// longestValue is how much of a value stands in the chat; the file has all of it.
const longestValue = 60

// folded is a row of the list: an entry, and how many looks like it lie directly below one another.
type folded struct {
	store.TrailEntry
	times int
}

// fold makes one row of equal looks between which nothing else happened: a card that is drawn again is not news. The audit, and the file of it, keep
// each of them, as what is not written down could not be found again.
func fold(entries []store.TrailEntry) (rows []folded) {
	for _, e := range entries {
		if last := len(rows) - 1; last >= 0 && sameLook(rows[last].TrailEntry, e) {
			rows[last].times++
			continue
		}
		rows = append(rows, folded{TrailEntry: e, times: 1})
	}
	return rows
}

func sameLook(a, b store.TrailEntry) bool {
	return a.Action == "looked" && b.Action == "looked" && a.ActorID == b.ActorID && a.Subject == b.Subject && a.ObjectID == b.ObjectID &&
		a.At.In(store.WIB).Format(time.DateOnly) == b.At.In(store.WIB).Format(time.DateOnly)
}

// listLines are the rows of a page, each day of them once.
func listLines(t *locales.Translator, scope store.Scope, entries []store.TrailEntry) (lines []string) {
	day := ""
	for _, e := range fold(entries) {
		if d := t.Day(e.At); d != day {
			day = d
			lines = append(lines, t.HTML("trail.day", locales.Args{"Day": day}))
		}
		lines = append(lines, entryLines(t, scope, e)...)
	}
	return lines
}

// entryLines are a row of the audit: when and who, what and about whom in a line, and what changed in another.
func entryLines(t *locales.Translator, scope store.Scope, e folded) []string {
	did := did(t, e.TrailEntry)
	if e.times > 1 {
		did = t.Plain("trail.times", locales.Args{"Did": did, "Number": t.Number(e.times)})
	}
	if about := about(t, e.TrailEntry); about != "" {
		did += " · " + about
	}
	lines := []string{t.HTML("trail.entry", locales.Args{"At": t.Clock(e.At), "Actor": bare(actor(t, e.TrailEntry)), "Did": did})}
	if changed := changed(t, scope, e.TrailEntry, longestValue); changed != "" {
		lines = append(lines, t.HTML("trail.entry_more", locales.Args{"More": changed}))
	}
	return lines
}

// bare is a name without the titles behind it.
func bare(name string) string {
	short, _, _ := strings.Cut(name, ",")
	return short
}

// actor is who did it.
func actor(t *locales.Translator, e store.TrailEntry) string {
	if e.Actor != "" {
		return e.Actor
	}
	return t.Plain("trail.program")
}

// did is what was done, in words.
func did(t *locales.Translator, e store.TrailEntry) string {
	if !Known(e.Action, e.Subject) {
		return t.Plain("trail.did_other", locales.Args{"Action": e.Action})
	}
	key := strings.ReplaceAll(e.Action, ".", "_")
	switch {
	case e.Action == "looked":
		key += "_" + e.Subject
	case e.Action == "person.change" && !strings.HasPrefix(e.After, "{") && e.After != "": // the id of another evaluator
		key = "person_evaluator"
	}
	return t.Plain("trail.did_" + key)
}

// about is whom and what it is about.
func about(t *locales.Translator, e store.TrailEntry) string {
	var parts []string
	if e.Person != "" && e.PersonID != e.ActorID {
		parts = append(parts, bare(e.Person))
	}
	if e.Deputy != "" {
		parts = append(parts, t.Plain("trail.deputy", locales.Args{"Name": bare(e.Deputy)}))
	}
	if e.Unit != "" {
		parts = append(parts, e.Unit)
	}
	if e.PeriodID != 0 && e.FirstDay != "" {
		parts = append(parts, words.PeriodName(t, e.Kind, e.FirstDay))
	}
	return strings.Join(parts, ", ")
}

// changed is before and after in words; "" where there is nothing to tell.
func changed(t *locales.Translator, scope store.Scope, e store.TrailEntry, longest int) string {
	how := actions[e.Action]
	switch {
	case how == person, e.Action == "person.change" && !strings.HasPrefix(e.After, "{"): // an evaluator
		return fromTo(t, e.Named[e.Before], e.Named[e.After])
	case how == fields:
		return fieldsChanged(t, scope, e.Before, e.After, longest)
	}
	before, after := value(t, scope, how, e.Before, longest), value(t, scope, how, e.After, longest)
	return fromTo(t, before, after)
}

func fromTo(t *locales.Translator, before, after string) string {
	switch {
	case before == after, before == "" && after == "":
		return ""
	case before == "":
		return after
	case after == "":
		return t.Plain("trail.was", locales.Args{"Before": before})
	}
	return t.Plain("trail.from_to", locales.Args{"Before": before, "After": after})
}

// value is one value of the audit in words.
func value(t *locales.Translator, scope store.Scope, how shows, said string, longest int) string {
	if said == "" {
		return ""
	}
	switch how {
	case text:
		return words.Shortened(said, longest)
	case number:
		if n, err := strconv.Atoi(said); err == nil {
			return t.Number(n)
		}
	case unit:
		if id, err := strconv.ParseInt(said, 10, 64); err == nil {
			return unitName(t, scope, id)
		}
	case role:
		name, over, _ := strings.Cut(said, " ")
		if id, err := strconv.ParseInt(over, 10, 64); err == nil && store.Role(name).Valid() {
			return t.Plain("role.name_"+name) + ", " + unitName(t, scope, id)
		}
	case version:
		if said != "0" {
			return t.Plain("trail.version", locales.Args{"Number": said})
		}
	case day:
		return words.Day(t, store.Date(said))
	case audience:
		return audienceSaid(t, scope, said)
	case grade:
		return t.Plain("performance.grade_" + said)
	}
	return ""
}

// audienceSaid tells to whom a message goes from what the audit has of it: audience, unit, period and, once it is sent, how many.
func audienceSaid(t *locales.Translator, scope store.Scope, said string) string {
	parts := strings.Fields(said)
	if len(parts) < 3 || !slices.Contains(store.Audiences(), store.Audience(parts[0])) {
		return ""
	}
	text := t.Plain("trail.audience_" + parts[0])
	if id, err := strconv.ParseInt(parts[1], 10, 64); err == nil && parts[0] != string(store.ToAll) {
		text += ", " + unitName(t, scope, id)
	}
	if len(parts) == 4 {
		if n, err := strconv.Atoi(parts[3]); err == nil {
			text = t.Plain("trail.audience_count", locales.Args{"Audience": text, "Number": t.Number(n)})
		}
	}
	return text
}

// unitName is a unit as a person speaks of it. One outside of the administrator's is not named.
func unitName(t *locales.Translator, scope store.Scope, id int64) string {
	if id == 0 {
		return t.Plain("trail.whole_city")
	}
	if u, ok := scope.Unit(id); ok {
		return u.Name
	}
	return t.Plain("trail.other_unit")
}

// recorded are the fields of records that are told, in this order, each with its word, and the name it had in the record before where that is another.
var recorded = []struct{ field, before, word string }{ //nolint:gochecknoglobals // a constant list
	{"name", "Name", "name"}, {"nip", "NIP", "nip"}, {"position", "Position", "position"}, {"kind", "PositionKind", "kind"}, {"grade", "Grade", "grade"},
	{"unit", "UnitID", "unit"}, {"superior", "superior", "superior"}, {"phone", "Phone", "phone"}, {"code", "code", "code"}, {"parent", "parent", "parent"},
	{"FirstDay", "FirstDay", "first_day"}, {"LastDay", "LastDay", "last_day"}, {"ScoringDue", "ScoringDue", "scoring_due"},
	{"scoring_due", "scoring_due", "scoring_due"}, {"Letter", "Letter", "letter"}, {"reason", "reason", "reason"},
}

// fieldsChanged tells which fields of a record differ.
func fieldsChanged(t *locales.Translator, scope store.Scope, before, after string, longest int) string {
	was, is := map[string]any{}, map[string]any{}
	if json.Unmarshal([]byte(after), &is) != nil { // one value: a name, or the id of a unit or of an evaluator
		return ""
	}
	_ = json.Unmarshal([]byte(before), &was) // "" for what is new
	var parts []string
	for _, one := range recorded {
		old, now := was[one.before], is[one.field]
		if one.word == "superior" && len(was) > 0 || reflect.DeepEqual(old, now) { // another evaluator has a row of his own
			continue
		}
		said := fromTo(t, field(t, scope, one.word, old), field(t, scope, one.word, now))
		if one.word == "phone" && (old != nil || now != "") { // a number is nobody's to read here: that it changed is enough
			said = t.Plain("trail.not_told")
		}
		if said != "" {
			parts = append(parts, t.Plain("trail.field", locales.Args{"Field": t.Plain("trail.field_" + one.word), "Value": said}))
		}
	}
	return words.Shortened(strings.Join(parts, "; "), 3*longest)
}

// field is the value of a field in words.
func field(t *locales.Translator, scope store.Scope, word string, v any) string {
	switch v := v.(type) {
	case float64: // the id of a unit
		if u, ok := scope.Unit(int64(v)); ok && word == "unit" {
			return u.Code
		}
		return unitName(t, scope, int64(v))
	case string:
		switch {
		case v == "":
			return ""
		case word == "first_day" || word == "last_day":
			return words.Day(t, store.Date(v))
		case word == "scoring_due":
			if due, err := time.Parse(time.RFC3339, v); err == nil {
				return t.Moment(due)
			}
		}
		return v
	}
	return ""
}
