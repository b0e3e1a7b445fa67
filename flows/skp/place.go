package skp

import (
	"context"
	"slices"
	"strconv"

	"kinerja/flows"
	"kinerja/flows/indicator"
	"kinerja/flows/rules"
	"kinerja/flows/words"
	"kinerja/locales"
	"kinerja/store"
)

// askAlso asks for the name of another indicator of the same result.
func (c conversation) askAlso(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, i, err := c.itemOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	return flows.Screen{
		Text: flows.Lines(title(r, own), r.T.HTML("skp.item_title", locales.Args{"Number": i.Ordinal, "Name": words.Shortened(resultOf(i), 120)}), "\n", r.T.HTML("skp.ask_also")),
		Rows: [][]flows.Button{backTo(r, itemLink(own, i.Ordinal))},
	}, nil
}

// resultOf names the result of an indicator.
func resultOf(i store.Indicator) string {
	if i.Plan == "" {
		return i.Name
	}
	return i.Plan
}

// addTo adds an indicator to the result at the place. One without a plan becomes its own result's name.
func (c conversation) addTo(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	if _, _, err := c.itemOf(ctx, r); err != nil {
		return flows.Outcome{}, err
	}
	name, err := indicator.Typed(r, "name")
	if err != nil {
		return flows.Outcome{}, err
	}
	place := 0
	own, err := c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		at := r.Args.Int(2) - 1
		if at < 0 || at >= len(list) {
			return nil, store.ErrNotFound
		}
		if named(list, name, 0) {
			return nil, flows.Refuse(r.T.Plain("indicator.name_twice"), flows.Link{})
		}
		if list[at].Plan == "" {
			list[at].Plan = list[at].Name
		}
		same := rules.SameResult(list, at)
		place = same[len(same)-1] + 2
		added := store.Indicator{Aspect: store.Capaian, Name: name, Plan: list[at].Plan, Serves: list[at].Serves, Additional: list[at].Additional}
		return slices.Insert(list, place-1, added), nil
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: itemLink(own, place), Toast: r.T.Plain("indicator.added")}, nil
}

// move changes the place within the result, or of all of the result.
func (c conversation) move(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	step := map[string]int{"up": -1, "down": 1}[r.Args.Word(3)]
	if step == 0 {
		return flows.Outcome{}, flows.ErrBadLink
	}
	place := 0
	own, _, err := c.changeItem(ctx, r, func(list []store.Indicator, at int) error {
		to, ok := rules.MoveIndicator(list, at, step)
		if !ok {
			return store.ErrNotFound
		}
		place = to + 1
		return nil
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: itemLink(own, place), Toast: r.T.Plain("indicator.moved", locales.Args{"Number": strconv.Itoa(place)})}, nil
}

func (c conversation) askDrop(ctx context.Context, r *flows.Request) (flows.Screen, error) {
	own, i, err := c.itemOf(ctx, r)
	if err != nil {
		return flows.Screen{}, err
	}
	key := "skp.ask_remove"
	if len(own.Results) == 1 {
		key = "skp.ask_remove_last"
	}
	return flows.Screen{
		Text: flows.Lines(title(r, own), "\n", r.T.HTML(key, locales.Args{"Name": i.Name})),
		Rows: [][]flows.Button{
			flows.Row(flows.Go(r.T.Plain("indicator.remove_yes"), "skp.remove", own.PersonID, own.VersionID, i.Ordinal).Styled(flows.Danger)),
			backTo(r, itemLink(own, i.Ordinal)),
		},
	}, nil
}

func (c conversation) remove(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	place := r.Args.Int(2)
	own, err := c.change(ctx, r, func(list []store.Indicator) ([]store.Indicator, error) {
		if place < 1 || place > len(list) {
			return nil, store.ErrNotFound
		}
		return slices.Delete(list, place-1, place), nil
	})
	if err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: homeLink(own.PersonID), Toast: r.T.Plain("indicator.removed")}, nil
}
