package main

import (
	"errors"
	"fmt"
	"strings"

	"kinerja/store"
)

type unitCommand struct {
	List  unitList  `cmd:"" help:"List all units as a tree, with those that were merged."`
	Move  unitMove  `cmd:"" help:"Put a unit with all that is below it below another one."`
	Merge unitMerge `cmd:"" help:"Merge a unit into another one: people, units below it and history go there. It cannot be undone."`
}

// onUnits opens the records and does something with them.
func onUnits(c console, setting databaseSetting, do func(*store.Store) error) (err error) {
	if err := asError(setting.problems()); err != nil {
		return err
	}
	s, err := openStore(c.ctx, setting.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

// unitNamed finds the unit of a flag by its code. A code of one that was merged names no other here: what is done to a unit is done by its own.
func unitNamed(c console, s *store.Store, flag, code string) (store.Unit, error) {
	unit, err := s.UnitByCode(c.ctx, code)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return unit, fmt.Errorf("%s: no unit has the code %s; nothing was changed", flag, code)
	case err == nil && unit.Code != store.UnitCode(code):
		return unit, fmt.Errorf("%s: %s was merged into %s (%s); nothing was changed. If that one is meant, give its code", flag, store.UnitCode(code), unit.Code, unit.Name)
	}
	return unit, err
}

type unitList struct{ databaseSetting }

// Run prints code and name of each unit below the one that holds it.
func (l *unitList) Run(c console) error {
	return onUnits(c, l.databaseSetting, func(s *store.Store) error {
		tree, err := s.UnitTree(c.ctx)
		if err != nil {
			return err
		}
		var out strings.Builder
		var write func(unit store.Unit, depth int)
		write = func(unit store.Unit, depth int) {
			fmt.Fprintf(&out, "%s%s  %s%s\n", strings.Repeat("  ", depth), unit.Code, unit.Name, mergedMark(tree, unit))
			for _, below := range tree.Directly(unit.ID) {
				write(below, depth+1)
			}
		}
		for _, unit := range tree.Directly(0) {
			write(unit, 0)
		}
		_, err = fmt.Fprint(c.stdout, out.String())
		return err
	})
}

// mergedMark says that a unit was merged, when, and into which; "" for one that was not.
func mergedMark(tree store.Tree, unit store.Unit) string {
	if !unit.Closed() {
		return ""
	}
	into, _ := tree.Unit(tree.Successor(unit.ID))
	return fmt.Sprintf("  (merged into %s on %s)", into.Code, unit.ClosedAt.Format("2006-01-02"))
}

type unitMove struct {
	databaseSetting
	Code  string `required:"" placeholder:"CODE" help:"The unit that moves."`
	Below string `placeholder:"CODE" help:"The unit below which it goes."`
	Top   bool   `help:"Instead of --below: it stands at the top."`
}

func (m *unitMove) problems() []problem {
	found := m.databaseSetting.problems()
	if (m.Below == "") != m.Top {
		found = append(found, problem{"--below", "or --top must say where the unit goes, one of them", "kinerja unit move --code PKM-01 --below DINKES"})
	}
	return found
}

// Run moves a unit. Doing it twice is done already.
func (m *unitMove) Run(c console) error {
	if err := asError(m.problems()); err != nil {
		return err
	}
	return onUnits(c, m.databaseSetting, func(s *store.Store) error {
		unit, err := unitNamed(c, s, "--code", m.Code)
		if err != nil {
			return err
		}
		var parent store.Unit
		if m.Below != "" {
			if parent, err = unitNamed(c, s, "--below", m.Below); err != nil {
				return err
			}
		}
		plan, err := s.MoveUnit(c.ctx, store.Operator, unit.ID, parent.ID, "")
		if err != nil {
			return unitRefusal(err)
		}
		where := "stands at the top"
		if parent.ID != 0 {
			where = fmt.Sprintf("stands below %s (%s)", parent.Code, parent.Name)
		}
		said := fmt.Sprintf("%s (%s) %s now, with %d people and %d units below it.\n", unit.Code, unit.Name, where, plan.People, plan.Below)
		if plan.Done {
			said = fmt.Sprintf("%s (%s) %s already; nothing was changed.\n", unit.Code, unit.Name, where)
		}
		_, err = fmt.Fprint(c.stdout, said)
		return err
	})
}

type unitMerge struct {
	databaseSetting
	Code   string `required:"" placeholder:"CODE" help:"The unit that ends."`
	Into   string `required:"" placeholder:"CODE" help:"The unit in which it lives on."`
	DryRun bool   `name:"dry-run" help:"Only tell what would happen."`
	Roles  string `enum:"end,follow" default:"end" help:"Roles over the merged unit: end, or follow to the other one."`
	Keep   string `name:"indicators" enum:"keep,take" default:"keep" help:"The other unit keeps its indicators, or takes those of the merged one: keep or take."`
}

// Run merges a unit. Doing it twice is done already.
func (m *unitMerge) Run(c console) error {
	return onUnits(c, m.databaseSetting, func(s *store.Store) error {
		unit, err := s.UnitByOwnCode(c.ctx, m.Code)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("--code: no unit has the code %s; nothing was changed", m.Code)
		}
		if err != nil {
			return err
		}
		into, err := unitNamed(c, s, "--into", m.Into)
		if err != nil {
			return err
		}
		choice := store.MergeChoice{RolesFollow: m.Roles == "follow", TakeTemplate: m.Keep == "take"}
		plan, err := s.PlanUnitMerge(c.ctx, store.Operator, unit.ID, into.ID)
		if err == nil && !m.DryRun {
			plan, err = s.MergeUnit(c.ctx, store.Operator, unit.ID, into.ID, choice, "")
		}
		if err != nil {
			return unitRefusal(err)
		}
		_, err = fmt.Fprint(c.stdout, mergeSaid(plan, choice, m.DryRun))
		return err
	})
}

// mergeSaid tells what a merge did, or would do.
func mergeSaid(plan store.UnitMerge, choice store.MergeChoice, dry bool) string {
	names := fmt.Sprintf("%s (%s) into %s (%s)", plan.Unit.Code, plan.Unit.Name, plan.Into.Code, plan.Into.Name)
	if plan.Done {
		return "Merged already: " + names + "; nothing was changed.\n"
	}
	roles, indicators := "end", fmt.Sprintf("%s keeps the indicators that it has", plan.Into.Code)
	if choice.RolesFollow {
		roles = "follow to " + plan.Into.Code
	}
	if choice.TakeTemplate && plan.Indicators > 0 {
		indicators = fmt.Sprintf("%s takes the %d indicators of %s over, for the periods that are opened from now on", plan.Into.Code, plan.Indicators, plan.Unit.Code)
	}
	first := "Merged: " + names + "."
	last := "It cannot be undone."
	if dry {
		first, last = "Would merge "+names+":", "Nothing was changed. Without --dry-run it is done, and cannot be undone."
	}
	return fmt.Sprintf("%s\n  %d people, %d units below it\n  %d roles over it %s (%d administrators, %d leaders)\n  %d open evaluations and %d open periods of its own stay as they are\n  %s\n"+
		"The code %s stays known: a roster that names it means %s. %s\n", first, plan.People, plan.Below, plan.Administrators+plan.Leaders+plan.OtherRoles, roles,
		plan.Administrators, plan.Leaders, plan.OpenEvaluations, plan.OpenPeriods, indicators, plan.Unit.Code, plan.Into.Code, last)
}

// unitRefusal makes a sentence of what cannot be.
func unitRefusal(err error) error {
	for cause, sentence := range map[error]string{
		store.ErrUnitCircle:  "a unit cannot go below itself or into what is below it: move that away first",
		store.ErrUnitClosed:  "one of the units was merged into another already: `kinerja unit list` tells into which",
		store.ErrUnitOpening: "a period is being opened for the unit: try again when it is open",
	} {
		if errors.Is(err, cause) {
			return fmt.Errorf("%s; nothing was changed", sentence)
		}
	}
	return err
}
