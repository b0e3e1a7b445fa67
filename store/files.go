package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// fileKinds begins the kinds of notification that bring a file.
const fileKinds = "file."

// IsFile reports whether a notification of a kind brings a file: somebody waits for it, so it keeps no quiet hours.
func IsFile(kind string) bool { return strings.HasPrefix(kind, fileKinds) }

// RequestFile owes a person the file that the notification "file.<name>" makes when it is sent, audits that he asked for it, and reports whether
// it is a new one: what he waits for already is not made twice. args are those of the notification.
// The right to what is in it is for the caller to check now, and for the notification when it is made.
func (s *Store) RequestFile(ctx context.Context, personID int64, name string, args ...any) (bool, error) {
	kind := fileKinds + name
	words := make([]string, 0, len(args))
	for _, a := range args {
		words = append(words, fmt.Sprint(a))
	}
	key := fmt.Sprintf("%s:%d:%s:%d", kind, personID, hashOf(strings.Join(words, ":"))[:12], s.now().UnixNano()) // several may be asked for at one moment
	isNew := false
	err := s.transaction(ctx, "request file", func(tx *gorm.DB) error {
		isNew = false
		if _, err := s.onRoster(tx, personID); err != nil { // locks him: two taps do not ask for two
			return err
		}
		notice := Notice{Key: key, PersonID: personID, Kind: kind, Args: strings.Join(words, ":")}
		var waiting []int64
		owed := tx.Model(&Notification{}).Where("person_id = ? AND state = ? AND kind = ? AND args = ?", personID, Owed, kind, notice.Args)
		if err := failed(owed.Limit(1).Pluck("id", &waiting), "find file"); err != nil || len(waiting) > 0 {
			return err
		}
		isNew = true
		if err := s.notify(tx, notice); err != nil {
			return err
		}
		return s.audit(tx, personID, "file.request", "file", 0, "", strings.TrimSuffix(name+" "+notice.Args, " "))
	})
	return isNew, err
}
