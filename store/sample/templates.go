package sample

import (
	"context"
	"fmt"

	"kinerja/store"
	"kinerja/store/standard"
)

// saveTemplates gives the city its default and each agency indicators of its own.
func saveTemplates(ctx context.Context, s *store.Store) error {
	templates := []struct {
		unit, name string
		sample     standard.Sample
	}{
		{"", "Indikator umum", standard.General},
		{"DINKES", "Indikator Dinas Kesehatan", standard.Health},
		{"DISDIK", "Indikator Dinas Pendidikan", standard.Education},
		{"DISHUB", "Indikator Dinas Perhubungan", standard.Transport},
	}
	for _, t := range templates {
		var unitID int64
		if t.unit != "" {
			unit, err := s.UnitByCode(ctx, t.unit)
			if err != nil {
				return fmt.Errorf("unit of template: %w", err)
			}
			unitID = unit.ID
		}
		if _, err := s.SaveTemplate(ctx, 0, unitID, t.name, standard.Of(t.sample)); err != nil {
			return err
		}
	}
	return nil
}
