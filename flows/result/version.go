package result

import (
	"kinerja/flows"
	"kinerja/locales"
	"kinerja/store"
)

// setBy tells who set a result, and in which capacity when he stood in for the evaluator (IV.A.3).
func setBy(r *flows.Request, line store.ResultLine) string {
	args := locales.Args{"Name": line.Evaluator, "When": r.T.Day(line.SetAt), "Absent": line.OnBehalf, "Letter": line.Letter}
	if line.Capacity == "" {
		return r.T.HTML("result.evaluator", args)
	}
	args["Capacity"] = r.T.Plain("assign.capacity_" + string(line.Capacity))
	return r.T.HTML("result.evaluator_deputy", args)
}

// reopenedLine says that a result is being looked at again; "" when it is not.
func reopenedLine(r *flows.Request, line store.ResultLine) string {
	if line.ReopenedAt == nil {
		return ""
	}
	return r.T.HTML("result.reopened", locales.Args{"When": r.T.Moment(*line.ReopenedAt), "Version": line.Version})
}
