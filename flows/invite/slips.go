package invite

import (
	"kinerja/flows/document"
	"kinerja/flows/rules"
	"kinerja/store"
)

// Set is what is printed of invitations: the NIP masked, because paper goes through hands, and the code in groups, as it is typed.
func Set(p store.Printed, bot, contact string) document.SlipSet {
	set := document.SlipSet{City: p.City, Bot: bot, Contact: contact, PrintedAt: p.At, ValidUntil: p.Until}
	for _, u := range p.Units {
		unit := document.SlipUnit{Name: u.Name}
		for _, g := range u.Guests {
			unit.Slips = append(unit.Slips, document.Slip{Name: g.Name, NIP: rules.NIP(g.NIP).Masked(), Position: g.Position, Code: store.GroupCode(g.Code), Link: Link(bot, g.Code)})
		}
		set.Units = append(set.Units, unit)
	}
	return set
}

// Link is the deep link that brings a code to the bot.
func Link(bot, code string) string { return "https://t.me/" + bot + "?start=" + code }
