package upload

import (
	"context"
	"errors"
	"time"

	"kinerja/flows"
	"kinerja/flows/roster"
	"kinerja/locales"
	"kinerja/store"
)

// told tells an administrator what became of his file, as its page does.
func (c conversation) told(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	upload, err := c.store.UploadFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil || upload.State == store.UploadDropped {
		return flows.Screen{}, false, err
	}
	screen, err := c.screen(ctx, r, upload)
	return screen, true, err
}

// sendExample sends the file that shows how a roster may look.
func (c conversation) sendExample(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	scope, err := c.store.AdminScope(ctx, r.Actor.PersonID)
	if err != nil || !scope.City() {
		return flows.Screen{}, false, err
	}
	t := r.T
	return flows.Screen{
		Text:     t.HTML("import.example_caption"),
		Document: &flows.Document{Name: t.Plain("import.example_name"), Make: func(context.Context) ([]byte, error) { return roster.Example(t) }},
	}, true, nil
}

// sendWrongRows sends the rows of a file that cannot be used, each with the reasons, as the roster and his rights are now.
func (c conversation) sendWrongRows(ctx context.Context, r *flows.Request) (flows.Screen, bool, error) {
	upload, err := c.store.UploadFor(ctx, r.Actor.PersonID, r.Args.ID(0))
	if err != nil {
		return flows.Screen{}, false, err
	}
	t := r.T
	return flows.Screen{
		Text: t.HTML("import.wrong_caption", locales.Args{"Name": shortName(upload.Name)}),
		Rows: [][]flows.Button{flows.Row(flows.Go(t.Plain("import.open"), "import.show", upload.ID))},
		Document: &flows.Document{Name: t.Plain("import.wrong_name", locales.Args{"Day": r.Now.In(time.FixedZone("WIB", wib)).Format(time.DateOnly)}),
			Make: func(ctx context.Context) ([]byte, error) { return c.makeWrongRows(ctx, upload, t) }},
	}, true, nil
}

// wib is Western Indonesia Time in seconds east of Greenwich; it has no summer time.
const wib = 7 * 60 * 60

func (c conversation) makeWrongRows(ctx context.Context, upload store.Upload, t *locales.Translator) ([]byte, error) {
	file, scope, err := read(ctx, c.store, c.files, upload)
	if err != nil {
		return nil, errors.Join(errors.New("read the file again"), err)
	}
	plan, err := check(ctx, c.store, file, upload, scope)
	if err != nil {
		return nil, err
	}
	return roster.WrongRows(file, plan, t)
}
