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

// maxCachedVersions bounds the cache: the few dozen versions of a city's units, and the lists of those who have results of their own and are just
// being evaluated.
const maxCachedVersions = 2000

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
	if c.byVersion == nil {
		c.byVersion, c.byID = map[int64][]Indicator{}, map[int64]Indicator{}
	}
	c.makeRoom()
	c.byVersion[templateVersionID] = list
	for _, i := range list {
		c.byID[i.ID] = i
	}
	return list, nil
}

// makeRoom lets one version go, whichever it is, when the cache is full.
func (c *indicatorCache) makeRoom() {
	if len(c.byVersion) < maxCachedVersions {
		return
	}
	for version, list := range c.byVersion {
		for _, i := range list {
			delete(c.byID, i.ID)
		}
		delete(c.byVersion, version)
		return
	}
}

// forget empties the cache: SQLite gives the number of a version that was pruned to another one.
func (c *indicatorCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byVersion, c.byID = nil, nil
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
