package period

import (
	"slices"
	"strings"

	"kinerja/flows"
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
	return slices.Collect(slices.Chunk(buttons, singlesPerRow))
}

// evaluatorRows lead from evaluators to the people of each.
func evaluatorRows(evaluators []store.EvaluatorProgress, periodID int64) [][]flows.Button {
	var buttons []flows.Button
	for _, e := range evaluators {
		if e.EvaluatorID != 0 {
			buttons = append(buttons, flows.Go(untitled(e.Name), "assign.team", periodID, e.EvaluatorID, 1))
		}
	}
	return slices.Collect(slices.Chunk(buttons, singlesPerRow))
}

// untitled is a name without the titles after it.
func untitled(name string) string {
	short, _, _ := strings.Cut(name, ",")
	return short
}

// namesOf are the people of a list, without what leads on from them.
func namesOf(lines []store.FigureLine) []store.PersonLine {
	people := make([]store.PersonLine, 0, len(lines))
	for _, l := range lines {
		people = append(people, l.PersonLine)
	}
	return people
}
