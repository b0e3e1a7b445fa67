package indicator_test

import (
	"testing"

	"kinerja/flows/transcript"
	"kinerja/flows/transcript/town"
)

func TestIndicatorsReadAsAChat(t *testing.T) {
	for _, language := range []string{"id", "en"} {
		for _, file := range []string{"unit", "city"} {
			t.Run(file+"_"+language, func(t *testing.T) {
				w, _ := town.Of(t, language)
				transcript.Play(t, w, "testdata/"+file+"_"+language+".txt", nil)
			})
		}
	}
}
