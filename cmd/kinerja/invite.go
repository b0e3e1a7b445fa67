package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"

	"kinerja/bot"
	"kinerja/flows/invite"
	"kinerja/store"
)

type inviteCommand struct {
	databaseSetting
	NIP      string `name:"nip" xor:"who" placeholder:"N" help:"Invite one person; an earlier code of this person ends."`
	All      bool   `name:"all" xor:"who" help:"Invite everybody who has no Telegram account yet and holds no valid code."`
	Renew    bool   `help:"With --all: also those who hold a valid code; their earlier codes end."`
	Role     string `enum:",admin,leader,mayor" default:"" help:"Grant the person of --nip a role over the whole city, or over the unit of --unit: admin, leader, or mayor of the city."`
	Unit     string `placeholder:"CODE" help:"Invite the people of this unit and of all below it, as --all does. With --role: the role is over these."`
	Name     string `placeholder:"NAME" help:"With --role: creates the person if the roster does not have him yet, such as the first administrator."`
	Format   string `enum:"text,csv,pdf" default:"text" help:"text; csv with the columns nip,kode,tautan; or pdf with slips to print and cut, a page for each unit (> undangan.pdf)."`
	Contact  string `placeholder:"TEXT" help:"With --format pdf: whom the slips tell to ask; without it the administrator of the unit."`
	Language string `enum:"id,en" default:"id" help:"With --format pdf: the language of the slips."`
	Username string `name:"bot" env:"TELEGRAM_BOT" placeholder:"NAME" help:"The bot's user name for the links; asked of Telegram when a token is given."`
	Token    string `name:"telegram-token" env:"TELEGRAM_TOKEN" placeholder:"TOKEN" help:"The bot's token, to learn its user name."`
	APIURL   string `name:"telegram-api-url" env:"TELEGRAM_API_URL" default:"https://api.telegram.org" help:"Another Bot API server."`
}

func (i *inviteCommand) problems() []problem {
	found := i.databaseSetting.problems()
	if i.NIP == "" && !i.many() {
		found = append(found, problem{"--nip, --all or --unit", "is missing: who is invited?", "kinerja invite --nip 198609262015051001"})
	}
	if i.Role != "" && i.NIP == "" {
		found = append(found, problem{"--role", "is for one person only: name him by --nip", "kinerja invite --role admin --nip 198609262015051001"})
	}
	if i.Renew && !i.many() {
		found = append(found, problem{"--renew", "is for --all and --unit only: --nip makes a new code each time", "kinerja invite --all --renew"})
	}
	if i.Role == string(store.Mayor) && i.Unit != "" {
		found = append(found, problem{"--unit", "is not for a mayor, who is one for the whole city", "kinerja invite --role mayor --nip 198609262015051001"})
	}
	if i.Role == "" && i.Unit != "" && i.NIP != "" {
		found = append(found, problem{"--unit", "is missing the role over this unit", "kinerja invite --role admin --unit DINKES --nip 198609262015051001"})
	}
	if i.Format == "pdf" && i.Username == "" && i.Token == "" {
		found = append(found, problem{"--bot", "is missing: the QR codes lead to the bot", "kinerja invite --all --format pdf --bot solok_bot > undangan.pdf"})
	}
	return found
}

// many reports that several people are meant.
func (i *inviteCommand) many() bool { return i.All || i.NIP == "" && i.Role == "" && i.Unit != "" }

// Run makes codes and prints them this one time: only their hash is stored.
func (i *inviteCommand) Run(c console) (err error) {
	if err := asError(i.problems()); err != nil {
		return err
	}
	username, err := i.username(c)
	if err != nil {
		return err
	}
	s, err := openStore(c.ctx, i.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out := newSlips(c.stdout, i.Format, username)
	switch {
	case !i.many():
		return i.one(c, s, out)
	case i.Format == "pdf":
		return i.print(c, s, out)
	}
	return i.everybody(c, s, out)
}

// one invites the person of --nip. Whoever gets a role and is linked already needs no code: the role holds at once.
func (i *inviteCommand) one(c console, s *store.Store, out *slips) error {
	unit, err := unitOf(c, s, i.Unit)
	if err != nil {
		return err
	}
	person, err := i.person(c, s)
	if err != nil {
		return err
	}
	if i.Role == "" {
		return i.again(c, s, person, out)
	}
	err = s.GrantRole(c.ctx, 0, person.ID, store.Role(i.Role), unit.ID)
	if taken := (*store.MayorTakenError)(nil); errors.As(err, &taken) {
		return fmt.Errorf("%s is the mayor, and there is one; take that role away first: kinerja revoke --role mayor; nothing was changed", taken.Name)
	}
	if err != nil {
		return err
	}
	_, err = s.ActorByPerson(c.ctx, person.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return i.again(c, s, person, out)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(c.stderr, "%s is linked already and has the role now; no code is needed.\n", person.Name)
	return err
}

// username is the bot's, for the links; without one there are codes only.
func (i *inviteCommand) username(c console) (string, error) {
	if i.Username != "" || i.Token == "" {
		return i.Username, nil
	}
	b, err := bot.New(bot.Options{Token: i.Token, APIURL: i.APIURL})
	if err != nil {
		return "", err
	}
	defer b.Close()
	name, err := b.Me(c.ctx)
	if err != nil {
		return "", fmt.Errorf("no code was made, because Telegram did not tell the bot's name for the links (--bot NAME gives it without Telegram): %w", err)
	}
	return name, nil
}

// again invites one person, and says so when that ends a code which was given to him before.
func (i *inviteCommand) again(c console, s *store.Store, p store.Person, out *slips) error {
	held, err := s.HoldsCode(c.ctx, p.ID)
	if err != nil {
		return err
	}
	if err := i.invite(c, s, p, out); err != nil || !held {
		return err
	}
	_, err = fmt.Fprintf(c.stderr, "The earlier code of %s has ended; only this one is valid.\n", p.Name)
	return err
}

// everybody invites whom --all or --unit means. Who holds a valid code is left out, because a new one would end what is on the slip.
func (i *inviteCommand) everybody(c console, s *store.Store, out *slips) error {
	const page = 200
	list := s.Uninvited
	if i.Renew {
		list = s.Unlinked
	}
	unit, err := unitOf(c, s, i.Unit)
	if err != nil {
		return err
	}
	units, err := s.Subtree(c.ctx, unit.ID)
	if err != nil {
		return err
	}
	plan, err := s.PlanPrinting(c.ctx, 0, store.Printing{UnitID: unit.ID})
	if err != nil {
		return err
	}
	for after, more := int64(0), true; more; {
		people, err := list(c.ctx, after, page)
		if err != nil {
			return err
		}
		for _, p := range people {
			after = p.ID
			if unit.ID != 0 && !slices.Contains(units, p.UnitID) {
				continue
			}
			if err := i.invite(c, s, p, out); err != nil {
				return err
			}
		}
		more = len(people) == page
	}
	return i.sayHolders(c, plan.Holding())
}

// sayHolders tells of those who held a valid code before.
func (i *inviteCommand) sayHolders(c console, holders int) (err error) {
	switch {
	case holders > 0 && i.Renew:
		_, err = fmt.Fprintf(c.stderr, "%d people held a valid code; those earlier codes have ended.\n", holders)
	case holders > 0:
		_, err = fmt.Fprintf(c.stderr, "%d people hold a valid code and were left out. --renew makes new codes for them too and ends the earlier ones.\n", holders)
	}
	return err
}

func (i *inviteCommand) person(c console, s *store.Store) (store.Person, error) {
	person, err := personOf(c, s, i.NIP)
	switch {
	case err == nil && !person.Active:
		return store.Person{}, errors.New("this person has left; import a roster that names him first; nothing was changed")
	case !errors.Is(err, errNobody):
		return person, err
	case i.Role == "" || i.Name == "":
		return store.Person{}, fmt.Errorf("%w; import the roster first, or give --name together with --role", err)
	}
	return s.FirstAdministrator(c.ctx, person.NIP, i.Name)
}

func (i *inviteCommand) invite(c console, s *store.Store, p store.Person, out *slips) error {
	if i.Format == "pdf" {
		return i.printOne(c, s, p, out)
	}
	code, err := s.Invite(c.ctx, p.ID, store.CodeLife)
	if err != nil {
		return err
	}
	return out.add(p, code)
}

// slips prints codes for people or for a spreadsheet.
type slips struct {
	text     io.Writer
	csv      *csv.Writer
	username string
}

func newSlips(w io.Writer, format, username string) *slips {
	out := &slips{text: w, username: username}
	if format == "csv" {
		out.csv = csv.NewWriter(w)
	}
	return out
}

func (o *slips) link(code string) string {
	if o.username == "" {
		return ""
	}
	return invite.Link(o.username, code)
}

func (o *slips) add(p store.Person, code string) error {
	if o.csv != nil {
		if o.text != nil {
			o.text = nil
			if err := o.csv.Write([]string{"nip", "kode", "tautan"}); err != nil {
				return err
			}
		}
		err := o.csv.Write([]string{p.NIP, store.GroupCode(code), o.link(code)})
		o.csv.Flush() // at once: a code that was made and not printed is lost
		return errors.Join(err, o.csv.Error())
	}
	_, err := fmt.Fprintf(o.text, "%s\n  %s\n  %s\n", p.Name, store.GroupCode(code), o.link(code))
	return err
}
