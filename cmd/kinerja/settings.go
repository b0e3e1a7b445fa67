package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"kinerja/store"
)

// stores says where the records and the positions are.
type stores struct {
	databaseSetting
	RedisURL string `name:"redis-url" env:"REDIS_URL" placeholder:"URL" help:"Where people stand in their conversation: redis://:password@host:6379/0, redis-sentinel://h1:26379,h2:26379/master, redis-cluster://h1:6379,h2:6379, or embedded:"`
}

// databaseSetting says where the records are.
type databaseSetting struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Where the records are: mysql://user:password@host:3306/kinerja (several hosts with commas: the first that can be written to) or sqlite:kinerja.db"`
	DatabaseCA  string `name:"database-ca" env:"DATABASE_CA" placeholder:"FILE" help:"Certificates in PEM that vouch for the database, where the machine's own do not; asks for TLS."`
}

// AfterApply writes the certificates into the URL, which is what the commands hand on.
func (d *databaseSetting) AfterApply() error {
	if d.DatabaseCA != "" && strings.HasPrefix(d.DatabaseURL, "mysql://") && !strings.Contains(d.DatabaseURL, "tls-ca=") {
		separator := "?"
		if strings.Contains(d.DatabaseURL, "?") {
			separator = "&"
		}
		d.DatabaseURL += separator + "tls-ca=" + url.QueryEscape(d.DatabaseCA)
	}
	return nil
}

// retentionSetting says how long is kept what is over.
type retentionSetting struct {
	KeepRecords int `env:"KEEP_RECORDS" default:"1827" help:"Days for which closed periods with their results, and the audit, are kept; five years."`
	KeepTraces  int `env:"KEEP_TRACES" default:"90" help:"Days for which settled messages, codes and finished work are kept."`
}

const (
	day = 24 * time.Hour
	// leastKept and mostKept bound a retention, in days. A century is still a time.Duration, and for whoever wants to delete nothing.
	leastKept = int(store.LeastKept / day)
	mostKept  = 36525
)

func (r retentionSetting) retention() store.Retention {
	return store.Retention{Records: time.Duration(r.KeepRecords) * day, Traces: time.Duration(r.KeepTraces) * day}
}

func (r retentionSetting) problems() []problem {
	return append(keptProblem("KEEP_RECORDS", r.KeepRecords, 1827), keptProblem("KEEP_TRACES", r.KeepTraces, 90)...)
}

func keptProblem(setting string, days, example int) []problem {
	if days >= leastKept && days <= mostKept {
		return nil
	}
	return []problem{{setting, fmt.Sprintf("must be %d to %d days", leastKept, mostKept), fmt.Sprintf("%s=%d", setting, example)}}
}

// problem is one setting that is missing or wrong, by its name, with an example.
type problem struct{ name, what, example string }

// settingsError tells all problems at once, so that nobody mends them one by one.
type settingsError []problem

func (e settingsError) Error() string {
	lines := []string{"these settings need your attention:"}
	for _, p := range e {
		lines = append(lines, fmt.Sprintf("  %s %s\n      for example: %s", p.name, p.what, p.example))
	}
	return strings.Join(append(lines, "Nothing was started. `kinerja serve --help` lists all settings."), "\n")
}

func asError(problems []problem) error {
	if len(problems) == 0 {
		return nil
	}
	return settingsError(problems)
}

func (d databaseSetting) problems() []problem {
	const example = "DATABASE_URL=mysql://kinerja:secret@db.local:3306/kinerja"
	if d.DatabaseURL == "" {
		return []problem{{"DATABASE_URL", "is missing: where are the records?", example}}
	}
	if err := store.CheckURL(d.DatabaseURL); err != nil {
		return []problem{{"DATABASE_URL", "cannot be used: " + err.Error(), example}}
	}
	return nil
}

func (s stores) problems() []problem {
	const example = "REDIS_URL=redis://:secret@redis.local:6379/0"
	found := s.databaseSetting.problems()
	u, err := url.Parse(s.RedisURL)
	switch {
	case s.RedisURL == "":
		return append(found, problem{"REDIS_URL", "is missing: where are the positions of the conversations?", example})
	case s.RedisURL == "embedded:":
		return found
	case err != nil || u.Host == "" || !slices.Contains([]string{"redis", "rediss", "redis-sentinel", "redis-cluster"}, u.Scheme):
		return append(found, problem{"REDIS_URL", "is not redis://, rediss://, redis-sentinel://, redis-cluster:// or embedded:", example})
	}
	return found
}

var (
	tokenForm  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]{5,}$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

func (c *serveCommand) problems() []problem {
	found := c.stores.problems()
	if c.Token == "" {
		found = append(found, problem{"TELEGRAM_TOKEN", "is missing: the token that @BotFather gave you", "TELEGRAM_TOKEN=123456789:AAExampleExampleExampleExample"})
	} else if !tokenForm.MatchString(c.Token) {
		found = append(found, problem{"TELEGRAM_TOKEN", "is not a bot token", "TELEGRAM_TOKEN=123456789:AAExampleExampleExampleExample"})
	}
	if !isURL(c.APIURL, "http", "https") {
		found = append(found, problem{"TELEGRAM_API_URL", "is not a URL", "TELEGRAM_API_URL=https://api.telegram.org"})
	}
	found = append(found, c.retentionSetting.problems()...)
	found = append(found, address("HEALTH_LISTEN", c.HealthListen, "HEALTH_LISTEN=127.0.0.1:9090")...)
	if c.Updates == "webhook" {
		found = append(found, c.webhookProblems()...)
	}
	return found
}

func (c *serveCommand) webhookProblems() []problem {
	var found []problem
	if what := c.webhookURLProblem(); what != "" {
		found = append(found, problem{"WEBHOOK_URL", what, "WEBHOOK_URL=https://kinerja.solokkota.go.id/telegram"})
	}
	if !secretForm.MatchString(c.WebhookSecret) {
		found = append(found, problem{"WEBHOOK_SECRET", "is missing or has other characters than A-Z a-z 0-9 _ - (1 to 256 of them)", "WEBHOOK_SECRET=$(openssl rand -hex 32)"})
	}
	return append(found, address("LISTEN", c.Listen, "LISTEN=:8443")...)
}

// telegramAPI is Telegram's own server.
const telegramAPI = "https://api.telegram.org"

// webhookURLProblem says why updates could not be delivered to the address; "" when they can. Telegram's own server wants https, one of
// four ports and a public address (WebhookActor.cpp in tdlib/telegram-bot-api). Another one, run with --local, takes any.
func (c *serveCommand) webhookURLProblem() string {
	u, err := url.Parse(c.WebhookURL)
	switch {
	case err != nil, !isURL(c.WebhookURL, "https", "http"):
		return "is missing or not a URL: where Telegram reaches this program"
	case strings.TrimRight(c.APIURL, "/") != telegramAPI:
		return ""
	case u.Scheme != "https":
		return "is not https, and Telegram delivers by nothing else"
	case !slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port()):
		return "has a port to which Telegram does not deliver: it may be 443, 80, 88 or 8443"
	case onlyInside(u.Hostname()):
		return "is an address that Telegram cannot reach from outside"
	}
	return ""
}

// onlyInside reports that a host is of this machine or of a private network. Of a name that has to be looked up it knows nothing.
func onlyInside(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost"
	}
	ip = ip.Unmap()
	return ip.IsPrivate() || !ip.IsGlobalUnicast()
}

func isURL(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme)
}

func address(name, value, example string) []problem {
	if _, _, err := net.SplitHostPort(value); err != nil {
		return []problem{{name, "is not host:port", example}}
	}
	return nil
}

// secretFiles lets every setting come from a file: for TELEGRAM_TOKEN, TELEGRAM_TOKEN_FILE names it. That is how
// container secrets arrive. A setting that is given itself wins.
func secretFiles(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			path := getenv(name + "_FILE")
			if path == "" || getenv(name) != "" {
				continue
			}
			content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
			if err != nil {
				return nil, fmt.Errorf("%s_FILE: %w", name, err)
			}
			return strings.TrimSpace(string(content)), nil
		}
		return nil, nil
	})
}
