package period

import (
	"strings"

	"kinerja/flows"
	"kinerja/flows/words"
	"kinerja/store"
)

// singlesPerRow is how many names of people fit beside each other.
const singlesPerRow = 2

// personRows lead from the people of a list to what can be decided about each: see flows/assignment. Of a figure of messages they lead nowhere.
func personRows(lines []store.FigureLine) [][]flows.Button {
	var buttons []flows.Button
	for _, l := range lines {
		if l.Evaluation != 0 {
			buttons = append(buttons, flows.Go(untitled(l.Name), "assign.show", l.Evaluation))
		}
	}
	return flows.Pack(singlesPerRow, buttons...)
}

// evaluatorRows lead from evaluators to the people of each.
func evaluatorRows(evaluators []store.EvaluatorProgress, periodID int64) [][]flows.Button {
	var buttons []flows.Button
	for _, e := range evaluators {
		if e.EvaluatorID != 0 {
			buttons = append(buttons, flows.Go(untitled(e.Name), "assign.team", periodID, e.EvaluatorID, 1))
		}
	}
	return flows.Pack(singlesPerRow, buttons...)
}

// untitled is a name without the titles after it, as far as it can be read beside another one.
func untitled(name string) string {
	short, _, _ := strings.Cut(name, ",")
	return words.Brief(short, flows.WidestOfTwo())
}

// namesOf are the people of a list, without what leads on from them.
func namesOf(lines []store.FigureLine) []store.PersonLine {
	people := make([]store.PersonLine, 0, len(lines))
	for _, l := range lines {
		people = append(people, l.PersonLine)
	}
	return people
}
