package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

type serveCommand struct {
	stores
	Token         string        `name:"telegram-token" env:"TELEGRAM_TOKEN" placeholder:"TOKEN" help:"The bot's token from @BotFather."`
	APIURL        string        `name:"telegram-api-url" env:"TELEGRAM_API_URL" default:"https://api.telegram.org" help:"Another Bot API server."`
	Updates       string        `env:"UPDATES" enum:"polling,webhook" default:"polling" help:"How updates arrive: polling or webhook."`
	WebhookURL    string        `name:"webhook-url" env:"WEBHOOK_URL" placeholder:"URL" help:"Where Telegram reaches this program from outside: https, port 443, 80, 88 or 8443."`
	WebhookSecret string        `name:"webhook-secret" env:"WEBHOOK_SECRET" placeholder:"SECRET" help:"1 to 256 characters A-Z a-z 0-9 _ - that Telegram sends along with each update."`
	Listen        string        `env:"LISTEN" default:":8443" help:"Address of the webhook."`
	HealthListen  string        `name:"health-listen" env:"HEALTH_LISTEN" default:"127.0.0.1:9090" help:"Address of /healthz, /readyz and /metrics, apart from the public one."`
	SendRate      int           `name:"send-rate" env:"SEND_RATE" default:"25" help:"Messages a second for the whole bot, over all processes."`
	ReleaseGrace  time.Duration `name:"release-grace" env:"RELEASE_GRACE" default:"10m" help:"How long a result that is released at once can be taken back."`
	ReasonLength  int           `name:"reason-length" env:"REASON_LENGTH" default:"15" help:"Shortest written reason, in characters."`
	Schedule      string        `name:"reminder-schedule" env:"REMINDER_SCHEDULE" placeholder:"FILE" help:"When reminders go out, as TOML like flows/reminder/schedule.toml; the one inside the program when not given."`
	WorkCalendar  string        `name:"work-calendar" env:"WORK_CALENDAR" placeholder:"FILE" help:"National holidays, joint leave and local holidays, as TOML like flows/rules/daysoff.toml; those inside the program when not given."`
	retentionSetting
	Connections int `name:"webhook-connections" env:"WEBHOOK_CONNECTIONS" default:"40" help:"How many updates Telegram may deliver at one moment, 1 to 100."`
}

// Run serves until SIGTERM or SIGINT, then finishes what it has taken.
func (s *serveCommand) Run(c console) error {
	if err := asError(s.problems()); err != nil {
		return err
	}
	schedule, err := textOf("REMINDER_SCHEDULE", s.Schedule, "/etc/kinerja/schedule.toml")
	if err != nil {
		return err
	}
	daysOff, err := textOf("WORK_CALENDAR", s.WorkCalendar, "/etc/kinerja/daysoff.toml")
	if err != nil {
		return err
	}
	a, err := assemble(c.ctx, appSettings{
		token: s.Token, apiURL: s.APIURL, databaseURL: s.DatabaseURL, redisURL: s.RedisURL,
		webhook:   s.webhook(),
		health:    s.HealthListen,
		sendRate:  s.SendRate,
		grace:     s.ReleaseGrace,
		reasonMin: s.ReasonLength,
		schedule:  schedule,
		daysOff:   daysOff,
		keep:      s.retention(),
		now:       time.Now,
		log:       slog.New(slog.NewJSONHandler(c.stderr, nil)),
	})
	if err != nil {
		return err
	}
	if err := a.store.CheckSchema(c.ctx); err != nil {
		return a.closeAfter(schemaAdvice(err))
	}
	return a.run(c.ctx, func() {
		if _, err := fmt.Fprintf(c.stdout, "kinerja %s is ready to receive updates by %s\n", version, s.Updates); err != nil {
			a.log.Error("the ready line could not be printed")
		}
	})
}

// textOf reads the file that a setting names; "" when none is named.
func textOf(setting, path, example string) (string, error) {
	if path == "" {
		return "", nil
	}
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return "", asError([]problem{{setting, "names a file that cannot be read", setting + "=" + example}})
	}
	return string(content), nil
}

func (s *serveCommand) webhook() *webhookSettings {
	if s.Updates != "webhook" {
		return nil
	}
	return &webhookSettings{url: s.WebhookURL, secret: s.WebhookSecret, listen: s.Listen, connections: s.Connections}
}
