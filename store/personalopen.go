package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"
)

// Results of one's own and an opening (PermenPANRB 6/2022 art. 14(2): the SKP grows during the year). An evaluation is given the list that was
// in force when it was made, and keeps it. What is changed later counts from the next opening, unless the evaluator takes it over into an
// evaluation in which nothing is rated or noted yet: nobody is judged by a yardstick that came after the judgement.

// ErrRated is returned when something in an evaluation is said already. It is an ErrConflict.
var ErrRated = fmt.Errorf("evaluation is begun: %w", ErrConflict)

// personalTemplates gives people who have results of their own a list of indicators together with those of their unit, whose version each
// brings: its version by person. Whoever has none is not in the answer. A list that exists for the same two versions is used again.
func (s *Store) personalTemplates(tx *gorm.DB, units map[int64]int64) (map[int64]int64, error) {
	if len(units) == 0 {
		return nil, nil
	}
	people := make([]int64, 0, len(units))
	for id := range units {
		people = append(people, id)
	}
	slices.Sort(people)
	var versions []PersonalVersion
	newest := tx.Table("people AS p").Select("v.*").Joins("JOIN personal_versions AS v ON v.person_id = p.id AND "+
		"v.version = (SELECT MAX(version) FROM personal_versions WHERE person_id = p.id)").Where("p.id IN ?", people).Order("v.id")
	if err := failed(newest.Find(&versions), "find personal versions"); err != nil || len(versions) == 0 {
		return nil, err
	}
	ids := make([]int64, 0, len(versions))
	for _, v := range versions {
		ids = append(ids, v.ID)
	}
	own, err := resultsOf(tx, ids...)
	if err != nil {
		return nil, err
	}
	versions = slices.DeleteFunc(versions, func(v PersonalVersion) bool { return len(own[v.ID]) == 0 })
	there, err := mergedVersions(tx, versions)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(versions), func(v PersonalVersion) bool { return there[mergeKey{v.ID, units[v.PersonID]}] != 0 })
	if err := s.mergeLists(tx, missing, own, units); err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		if there, err = mergedVersions(tx, versions); err != nil {
			return nil, err
		}
	}
	lists := map[int64]int64{}
	for _, v := range versions {
		lists[v.PersonID] = there[mergeKey{v.ID, units[v.PersonID]}]
	}
	return lists, nil
}

// mergeKey is what a list of one's own was put together of.
type mergeKey struct{ personal, unit int64 }

// mergedVersions finds the lists that exist for personal versions.
func mergedVersions(tx *gorm.DB, versions []PersonalVersion) (map[mergeKey]int64, error) {
	ids := make([]int64, 0, len(versions))
	for _, v := range versions {
		ids = append(ids, -v.ID)
	}
	var rows []TemplateVersion
	if err := failed(tx.Where("template_id IN ?", ids).Find(&rows), "find lists"); err != nil {
		return nil, err
	}
	there := map[mergeKey]int64{}
	for _, r := range rows {
		there[mergeKey{-r.TemplateID, int64(r.Version)}] = r.ID
	}
	return there, nil
}

// mergeLists writes the lists that are missing. Their ids are read again: a cluster does not number rows one after the other.
func (s *Store) mergeLists(tx *gorm.DB, missing []PersonalVersion, own map[int64][]Indicator, units map[int64]int64) error {
	if len(missing) == 0 {
		return nil
	}
	rows := make([]TemplateVersion, 0, len(missing))
	for _, v := range missing {
		rows = append(rows, TemplateVersion{TemplateID: -v.ID, Version: int(units[v.PersonID]), CreatedAt: s.now()})
	}
	if err := failed(tx.Create(&rows), "write lists"); err != nil {
		return err
	}
	there, err := mergedVersions(tx, missing)
	if err != nil {
		return err
	}
	var all []Indicator
	for _, v := range missing {
		unit, err := s.indicatorsIn(tx, units[v.PersonID])
		if err != nil {
			return err
		}
		for _, i := range bare(Merged(unit, own[v.ID], v.Instead)) {
			i.TemplateVersionID = there[mergeKey{v.ID, units[v.PersonID]}]
			all = append(all, i)
		}
	}
	return failed(tx.CreateInBatches(&all, 500), "write indicators of lists")
}

// PersonalOpening is an open evaluation of a person, and whether what he has of his own counts in it.
type PersonalOpening struct {
	EvaluationID int64
	Kind         PeriodKind
	FirstDay     Date
	Counts       bool // what is in force now
	Begun        bool // something is said in it
}

// PersonalOpenings lists the open evaluations in which an evaluator judges a person, to whom what the person has of his own may count.
func (s *Store) PersonalOpenings(ctx context.Context, evaluatorID int64, own Personal) ([]PersonalOpening, error) {
	tx := s.db.WithContext(ctx)
	return personalOpenings(tx.Where("e.evaluator_id = ? AND e.state = ?", evaluatorID, EvaluationOpen), own)
}

// PersonalOpeningsOf lists a person's evaluations in open periods, for himself: those that are set too.
func (s *Store) PersonalOpeningsOf(ctx context.Context, own Personal) ([]PersonalOpening, error) {
	return personalOpenings(s.db.WithContext(ctx), own)
}

func personalOpenings(tx *gorm.DB, own Personal) ([]PersonalOpening, error) {
	var rows []struct {
		PersonalOpening `gorm:"embedded"`
		TemplateID      int64
	}
	err := failed(tx.Table("evaluations AS e").
		Select("e.id AS evaluation_id, o.kind, o.first_day, COALESCE(t.template_id, 0) AS template_id, "+begun+" AS begun").
		Joins("JOIN periods AS o ON o.id = e.period_id AND o.state = ?", PeriodOpen).
		Joins("LEFT JOIN template_versions AS t ON t.id = e.template_version_id").
		Where("e.employee_id = ?", own.PersonID).
		Order("o.last_day, e.id").Find(&rows), "find open evaluations")
	list := make([]PersonalOpening, 0, len(rows))
	for _, r := range rows {
		r.Counts = r.TemplateID == -own.VersionID
		if len(own.Results) == 0 {
			r.Counts = r.TemplateID >= 0
		}
		list = append(list, r.PersonalOpening)
	}
	return list, err
}

// begun is whether something is said in an evaluation e.
const begun = "(e.work_rating <> '' OR e.behaviour_rating <> '' OR EXISTS (SELECT 1 FROM answers AS a WHERE a.evaluation_id = e.id AND (a.rating <> '' OR a.note <> '')))"

// TakePersonal lets an open evaluation count what the person has of his own now, in the version that the evaluator saw: ErrTemplateChanged when
// another one is in force. ErrRated when something is said in it already, and as lockEvaluation says. It is done when it was so already.
func (s *Store) TakePersonal(ctx context.Context, evaluatorID, personID, seen, evaluationID int64) error {
	return s.transaction(ctx, "take personal results", func(tx *gorm.DB) error {
		now, err := s.personalToChange(tx, evaluatorID, personID)
		if err != nil {
			return err
		}
		if now.VersionID != seen {
			return ErrTemplateChanged
		}
		e, err := s.lockEvaluation(tx, evaluatorID, evaluationID)
		switch {
		case err != nil:
			return err
		case e.EmployeeID != personID:
			return ErrNotFound
		case e.State != EvaluationOpen:
			return ErrFinal
		}
		unit, err := unitVersionOf(tx, e)
		if err != nil {
			return err
		}
		lists, err := s.personalTemplates(tx, map[int64]int64{personID: unit})
		if err != nil {
			return err
		}
		list := lists[personID]
		if list == 0 {
			list = unit
		}
		if list == e.TemplateVersionID {
			return nil
		}
		// Whoever rates meanwhile waits for the evaluation, and then rates an indicator that is none of it any more: nothing is stored.
		var open int64
		if err := failed(tx.Table("evaluations AS e").Where("e.id = ? AND NOT "+begun, e.ID).Count(&open), "find what is said"); err != nil {
			return err
		}
		if open == 0 {
			return ErrRated
		}
		taken := tx.Model(&Evaluation{}).Where("id = ?", e.ID).Updates(map[string]any{"template_version_id": list, "updated_at": s.now(), "guard": gorm.Expr("guard + 1")})
		if err := failed(taken, "take personal results"); err != nil {
			return err
		}
		return s.audit(tx, evaluatorID, "personal.take", "evaluation", e.ID, fmt.Sprint(e.TemplateVersionID), fmt.Sprint(list))
	})
}

// unitVersionOf is the version of a unit's template that an evaluation is judged by, alone or within a list of one's own.
func unitVersionOf(tx *gorm.DB, e Evaluation) (int64, error) {
	var v TemplateVersion
	if err := first(tx.Where("id = ?", e.TemplateVersionID).Take(&v), "find template version"); err != nil {
		return 0, err
	}
	if v.TemplateID < 0 {
		return int64(v.Version), nil
	}
	return v.ID, nil
}
