package result

import (
	"context"

	"kinerja/flows"
	"kinerja/store"
)

// followUpRow lets the employee tell that the follow-up of his result is done, or take that back; none where nothing was agreed.
func followUpRow(r *flows.Request, view store.ResultView) [][]flows.Button {
	switch {
	case view.FollowUpKind == "":
		return nil
	case view.FollowUp.ByEmployee == nil:
		return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("result.followup_done"), "result.followupdone", view.ID))}
	default:
		return [][]flows.Button{flows.Row(flows.Go(r.T.Plain("result.followup_undone"), "result.followupundone", view.ID))}
	}
}

func (c conversation) followUpDone(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.reportFollowUp(ctx, r, true, "followup.marked_done")
}

func (c conversation) followUpUndone(ctx context.Context, r *flows.Request) (flows.Outcome, error) {
	return c.reportFollowUp(ctx, r, false, "followup.marked_undone")
}

func (c conversation) reportFollowUp(ctx context.Context, r *flows.Request, done bool, toast string) (flows.Outcome, error) {
	id := r.Args.ID(0)
	if _, err := c.store.ReportFollowUp(ctx, store.EmployeeSide, r.Actor.PersonID, id, done); err != nil {
		return flows.Outcome{}, err
	}
	return flows.Outcome{To: flows.To("result.show", id), Toast: r.T.Plain(toast)}, nil
}
