package store

import (
	"context"
	"sync"

	"gorm.io/gorm"
)

// indicatorCache keeps the indicators of template versions in memory. They never change once they exist, so it is never stale.
type indicatorCache struct {
	mu        sync.Mutex
	byVersion map[int64][]Indicator
	byID      map[int64]Indicator
}

// maxCachedVersions bounds the cache; a city has a few dozen versions in use.
const maxCachedVersions = 500

// Indicators returns the indicators of a template version in their order. The slice is shared: do not change it.
func (s *Store) Indicators(ctx context.Context, templateVersionID int64) ([]Indicator, error) {
	return s.indicatorsIn(s.db.WithContext(ctx), templateVersionID)
}

// indicatorsIn is Indicators for a transaction, which may be the only connection there is. The version must not be its own: until it is
// committed it may vanish, and its number may be another one's.
func (s *Store) indicatorsIn(tx *gorm.DB, templateVersionID int64) ([]Indicator, error) {
	c := &s.indicators
	c.mu.Lock()
	cached, ok := c.byVersion[templateVersionID]
	c.mu.Unlock()
	if ok {
		return cached, nil
	}
	list, err := readIndicators(tx, templateVersionID)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byVersion == nil || len(c.byVersion) >= maxCachedVersions {
		c.byVersion, c.byID = map[int64][]Indicator{}, map[int64]Indicator{}
	}
	c.byVersion[templateVersionID] = list
	for _, i := range list {
		c.byID[i.ID] = i
	}
	return list, nil
}

// readIndicators is Indicators from the database.
func readIndicators(tx *gorm.DB, templateVersionID int64) ([]Indicator, error) {
	var list []Indicator
	err := failed(tx.Where("template_version_id = ?", templateVersionID).Order("ordinal").Find(&list), "read indicators")
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	return list, err
}

// Indicator returns one indicator, from memory once its template version was read. ErrNotFound when there is none.
func (s *Store) Indicator(ctx context.Context, id int64) (Indicator, error) {
	c := &s.indicators
	c.mu.Lock()
	cached, ok := c.byID[id]
	c.mu.Unlock()
	if ok {
		return cached, nil
	}
	var i Indicator
	if err := first(s.db.WithContext(ctx).Where("id = ?", id).Take(&i), "find indicator"); err != nil {
		return Indicator{}, err
	}
	_, err := s.Indicators(ctx, i.TemplateVersionID) // so that the next one is in memory
	return i, err
}
