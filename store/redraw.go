package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// KindRedraw is the notification that shows a person where he stands, after a screen could not be shown to him.
const KindRedraw = "redraw"

// OweRedraw writes down that the screen of an update is still owed to a Telegram user. The same update again is the same
// notification. It returns ErrNotFound for a stranger.
func (s *Store) OweRedraw(ctx context.Context, telegramID, updateID int64) error {
	return s.transaction(ctx, "owe a screen", func(tx *gorm.DB) error {
		var a Account
		if err := first(tx.Where("telegram_id = ?", telegramID).Take(&a), "find account"); err != nil {
			return err
		}
		return s.notify(tx, Notice{Key: fmt.Sprintf("redraw:%d:%d", telegramID, updateID), PersonID: a.PersonID, Kind: KindRedraw})
	})
}
