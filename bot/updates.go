package bot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-telegram/bot/models"
)

// incoming is one update as it arrived. update is nil when it cannot be read.
type incoming struct {
	id     int64
	update *models.Update
}

// getUpdates fetches updates at and above offset, and so confirms all below it.
func (b *Bot) getUpdates(ctx context.Context, offset int64, limit int, wait time.Duration) ([]incoming, error) {
	ctx, cancel := context.WithTimeout(ctx, wait+15*time.Second)
	defer cancel()
	var raw []json.RawMessage
	err := b.raw(ctx, "getUpdates", map[string]any{
		"offset": offset, "limit": limit, "timeout": int(wait.Seconds()), "allowed_updates": AllowedUpdates(),
	}, &raw)
	if err != nil {
		return nil, err
	}
	updates := make([]incoming, 0, len(raw))
	for _, one := range raw {
		u, err := readUpdate(one)
		if err != nil {
			return nil, &Failure{Kind: Server, Method: "getUpdates", cause: err}
		}
		updates = append(updates, u)
	}
	return updates, nil
}

// readUpdate reads one update by itself, so that one that the library cannot read does not take its neighbours with it.
// It returns an error only when not even its number can be read.
func readUpdate(raw []byte) (incoming, error) {
	var number struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &number); err != nil {
		return incoming{}, err
	}
	if number.ID == 0 {
		return incoming{}, errors.New("update without number")
	}
	update := &models.Update{}
	if err := json.Unmarshal(raw, update); err != nil {
		return incoming{id: number.ID}, nil
	}
	return incoming{id: number.ID, update: update}, nil
}
