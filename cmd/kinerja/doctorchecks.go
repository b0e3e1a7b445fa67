package main

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kinerja/bot"
	"kinerja/flows/rules"
	"kinerja/locales"
	"kinerja/store"
	"kinerja/store/dialogue"
)

const (
	// mostOffset is how far clocks may be apart: by more, a deadline would pass visibly too early or too late.
	mostOffset = 30 * time.Second
	// manyWaiting is how many updates may wait for a program that works.
	manyWaiting = 100
	// recently is how long a failed delivery is held against the webhook.
	recently = 15 * time.Minute
)

// telegram looks at the token, the way of the updates and Telegram's clock.
func (d *doctor) telegram(ctx context.Context, addressWrong bool) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	b, err := bot.New(bot.Options{Token: d.settings.Token, APIURL: d.settings.APIURL})
	if err != nil {
		d.missing("token_unknown", "token_unknown_do")
		return
	}
	defer b.Close()
	asked := d.now()
	name, err := b.Me(ctx)
	answered := d.now()
	if err != nil {
		d.noTelegram(err)
		d.skip("webhook")
		return
	}
	d.good("token", locales.Args{"Name": name})
	if at, known := b.Clock(); known { // to the second, cut off
		d.clock("telegram", at.Add(time.Second/2), asked.Add(answered.Sub(asked)/2))
	}
	inbox, err := b.Inbox(ctx)
	switch {
	case err != nil:
		d.noTelegram(err)
	case d.settings.Updates != "webhook":
		d.polling(inbox)
	case addressWrong:
		d.skip("webhook")
	default:
		d.webhook(inbox)
	}
}

// noTelegram says why Telegram does not answer as it should.
func (d *doctor) noTelegram(err error) {
	var failure *bot.Failure
	args := locales.Args{"Server": d.settings.APIURL}
	if u, wrong := url.Parse(d.settings.APIURL); wrong == nil {
		args["Server"] = u.Scheme + "://" + u.Host
	}
	switch errors.As(err, &failure); {
	case failure != nil && failure.Kind == bot.Unauthorized:
		d.missing("token_unknown", "token_unknown_do")
	case failure != nil && failure.Kind == bot.Flood:
		d.missing("telegram_flood", "telegram_flood_do")
	case failure != nil && failure.Kind == bot.NotSent:
		d.missing("telegram_away", "telegram_away_do", args)
	default:
		d.missing("telegram_odd", "telegram_odd_do", args)
	}
}

// polling wants no webhook.
func (d *doctor) polling(in bot.Inbox) {
	if in.Webhook != "" {
		d.missing("polling_webhook", "polling_webhook_do", locales.Args{"Host": hostOf(in.Webhook)})
		return
	}
	d.waiting("polling", in)
}

// webhook wants the one of the settings, to which Telegram delivers.
func (d *doctor) webhook(in bot.Inbox) {
	switch {
	case in.Webhook == "":
		d.missing("webhook_none", "webhook_none_do")
	case in.Webhook != d.settings.WebhookURL:
		d.missing("webhook_other", "webhook_other_do", locales.Args{"Host": hostOf(in.Webhook)})
	case in.Problem != "" && d.now().Sub(in.FailedAt) < recently:
		d.missing("webhook_fails", "webhook_fails_do", locales.Args{"Moment": d.t.Moment(in.FailedAt), "Words": in.Problem})
	default:
		d.waiting("webhook", in)
	}
}

// waiting judges how many updates nobody has taken.
func (d *doctor) waiting(way string, in bot.Inbox) {
	args := locales.Args{"Number": d.t.Number(in.Waiting)}
	if in.Waiting >= manyWaiting {
		d.missing("many_waiting", "many_waiting_do", args)
		return
	}
	d.good(way, args)
}

// hostOf is the part of an address that may be shown: its path may be secret.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "?"
}

// clock compares ours with another one at the same moment.
func (d *doctor) clock(whose string, theirs, ours time.Time) {
	ahead := ours.Sub(theirs)
	args := locales.Args{"Whose": d.say("clock_of_" + whose), "Seconds": d.t.Number(int(ahead.Abs().Round(time.Second).Seconds()))}
	switch {
	case ahead > mostOffset:
		d.missing("clock_ahead", "clock_do_"+whose, args)
	case ahead < -mostOffset:
		d.missing("clock_behind", "clock_do_"+whose, args)
	default:
		d.good("clock", args)
	}
}

// redis wants one that answers and takes writes.
func (d *doctor) redis(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	client, shut, err := dialogue.Connect(d.settings.RedisURL)
	if err == nil {
		err = client.Set(ctx, redisPrefix+"doctor", 1, time.Second).Err()
		err = errors.Join(err, shut())
	}
	switch {
	case err == nil:
		d.good("redis")
	case containsAny(err.Error(), "NOAUTH", "WRONGPASS", "NOPERM", "ERR AUTH", "invalid username-password"):
		d.missing("redis_denied", "redis_denied_do")
	case containsAny(err.Error(), "READONLY", "MISCONF", "OOM"):
		d.missing("redis_readonly", "redis_readonly_do")
	default:
		d.missing("redis_away", "redis_away_do")
	}
}

func containsAny(text string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

// workCalendar wants the days off of this year, and from October on of the next one.
func (d *doctor) workCalendar() {
	text, err := textOf("WORK_CALENDAR", d.settings.WorkCalendar, "/etc/kinerja/daysoff.toml")
	if err != nil {
		d.missing("calendar_unread", "calendar_unread_do")
		return
	}
	if text != "" {
		off, err := rules.ReadDaysOff(text)
		if err != nil {
			d.missing("calendar_wrong", "calendar_wrong_do", locales.Args{"Cause": err.Error()})
			return
		}
		d.calendar = d.calendar.WithDaysOff(off)
	}
	today := d.calendar.Date(d.now())
	years := d.calendar.Missing(today)
	for _, year := range years {
		d.missing("calendar_year", "calendar_year_do", locales.Args{"Year": strconv.Itoa(year)})
	}
	if len(years) == 0 {
		d.good("calendar")
	}
}

// database looks at the records: server, clock, schema, character set, and what the city lacks.
func (d *doctor) database(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 3*checkLimit)
	defer cancel()
	s, err := store.Open(ctx, d.settings.DatabaseURL, store.Options{})
	if err != nil {
		d.noDatabase(err)
		d.skip("schema", "charset", "city")
		return
	}
	defer func() { _ = s.Close() }() // nothing was written that could be lost
	server, err := s.Server(ctx)
	if err != nil {
		d.noDatabase(err)
		d.skip("schema", "charset", "city")
		return
	}
	d.server(server)
	if !d.schema(ctx, s) {
		d.skip("charset", "city")
		return
	}
	if err := s.TakesWrites(ctx); err != nil {
		d.noDatabase(err)
	}
	d.charset(ctx, s, server)
	d.steps(ctx, s)
}

func (d *doctor) noDatabase(err error) {
	trouble := store.TroubleOf(err)
	d.missing("database_"+string(trouble), "database_"+string(trouble)+"_do", locales.Args{"Cause": err.Error()})
}

func (d *doctor) server(server store.Server) {
	args := locales.Args{"Name": server.Name, "Version": server.Version}
	if server.TooOld {
		d.missing("database_old", "database_old_do", args)
	} else {
		d.good("database", args)
	}
	if !server.Now.IsZero() {
		d.clock("database", server.Now, d.now())
	}
	if server.Zone != 0 {
		d.missing("zone", "zone_do", locales.Args{"Seconds": d.t.Number(int(server.Zone.Seconds()))})
	}
}

// schema reports whether the tables are those of this program.
func (d *doctor) schema(ctx context.Context, s *store.Store) bool {
	if !s.Migrated(ctx) {
		d.missing("schema_old", "schema_old_do")
		return false
	}
	err := s.CheckSchema(ctx)
	switch {
	case err == nil:
		d.good("schema")
	case errors.Is(err, store.ErrSchemaOld):
		d.missing("schema_old", "schema_old_do")
	case errors.Is(err, store.ErrSchemaNew):
		d.missing("schema_new", "schema_new_do")
	default:
		d.noDatabase(err)
	}
	return err == nil
}

// charset wants the database and each table to keep any letter, in the order of the migrations.
func (d *doctor) charset(ctx context.Context, s *store.Store, server store.Server) {
	tables, err := s.TablesWithOtherText(ctx)
	if err != nil {
		d.noDatabase(err)
		return
	}
	other := server.Charset != "" && server.Charset != "utf8mb4"
	if other {
		d.missing("charset_database", "charset_database_do", locales.Args{"Charset": server.Charset, "Database": server.Database})
	}
	for _, table := range tables {
		d.missing("charset_table", "charset_table_do", locales.Args{"Table": table})
	}
	if !other && len(tables) == 0 {
		d.good("charset")
	}
}
