package trail

import (
	"kinerja/locales"
	"kinerja/store"
)

// Said is what is said of each action.
func Said(t *locales.Translator) []string {
	var all []string
	for action := range actions {
		for _, subject := range seen {
			all = append(all, did(t, store.TrailEntry{Audit: store.Audit{Action: action, Subject: subject}}))
		}
	}
	return all
}
