package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
)

// UnlinkedLine is somebody without a Telegram account.
type UnlinkedLine struct {
	PersonLine `gorm:"embedded"`
	PersonID   int64
	CodeUntil  time.Time `gorm:"-"` // until when his newest code can be used, or could; zero while none was made that is known
}

// NotLinked lists the people of an administrator's units who have no Telegram account yet, by unit and name, and counts all of them; with
// a limit of 0 it only counts.
func (s *Store) NotLinked(ctx context.Context, adminID int64, offset, limit int) (lines []UnlinkedLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	return unlinkedLines(tx, notLinked(tx, scope), offset, limit)
}

// ExpiredCodes is NotLinked with those only who were given a code and hold none any more that can be used.
func (s *Store) ExpiredCodes(ctx context.Context, adminID int64, offset, limit int) (lines []UnlinkedLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	const code = "EXISTS (SELECT 1 FROM invitations AS i WHERE i.person_id = p.id AND i.telegram_id = 0 AND i.used_at IS NULL AND i.expires_at "
	return unlinkedLines(tx, notLinked(tx, scope).Where(code+"<= ?) AND NOT "+code+"> ?)", s.now(), s.now()), offset, limit)
}

func notLinked(tx *gorm.DB, scope Scope) *gorm.DB {
	return scope.narrow(tx.Table("people AS p").Joins("LEFT JOIN accounts AS a ON a.person_id = p.id").Where("p.active = ? AND a.id IS NULL", true), "p.unit_id")
}

// unlinkedLines reads a part of a list of people p, each with his newest code.
func unlinkedLines(tx, list *gorm.DB, offset, limit int) (lines []UnlinkedLine, total int, err error) {
	list = list.Session(&gorm.Session{})
	var count int64
	if err := failed(list.Count(&count), "count unlinked people"); err != nil || limit == 0 {
		return nil, int(count), err
	}
	err = failed(list.Joins("LEFT JOIN units AS u ON u.id = p.unit_id").Select("p.id AS person_id, p.name, COALESCE(u.name, '') AS unit").Order("unit, p.name, p.id").
		Offset(offset).Limit(limit).Find(&lines), "list unlinked people")
	if err != nil {
		return nil, 0, err
	}
	ids := make([]int64, 0, len(lines))
	for _, l := range lines {
		ids = append(ids, l.PersonID)
	}
	var codes []Invitation
	err = failed(tx.Where("person_id IN ? AND telegram_id = 0 AND used_at IS NULL", ids).Find(&codes), "find codes of unlinked people")
	for i := range lines {
		for _, code := range codes {
			if code.PersonID == lines[i].PersonID && code.ExpiresAt.After(lines[i].CodeUntil) {
				lines[i].CodeUntil = code.ExpiresAt
			}
		}
	}
	return lines, int(count), err
}

// FindNotLinked is NotLinked with those only whose name has all words of a text, or whose NIP begins with it; of an empty text all.
func (s *Store) FindNotLinked(ctx context.Context, adminID int64, text string, offset, limit int) (lines []UnlinkedLine, total int, err error) {
	tx := s.db.WithContext(ctx)
	scope, err := s.administered(tx, adminID)
	if err != nil {
		return nil, 0, err
	}
	literal := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")
	list := notLinked(tx, scope)
	if digits := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(text); len(digits) > 3 && strings.Trim(digits, "0123456789") == "" {
		return unlinkedLines(tx, list.Where("p.nip LIKE ?", digits+"%"), offset, limit)
	}
	for _, word := range strings.Fields(text) {
		list = list.Where("p.name LIKE ? ESCAPE '!'", "%"+literal.Replace(word)+"%")
	}
	return unlinkedLines(tx, list, offset, limit)
}
