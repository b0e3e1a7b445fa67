package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// startKey is where a statement keeps the moment at which it began.
const startKey = "kinerja:start"

// observe calls back after each statement with its kind and how long it took, for the metrics.
func observe(db *gorm.DB, note func(kind string, took time.Duration)) error {
	if note == nil {
		return nil
	}
	begin := func(tx *gorm.DB) { tx.InstanceSet(startKey, time.Now()) }
	end := func(kind string) func(*gorm.DB) {
		return func(tx *gorm.DB) {
			if at, ok := tx.InstanceGet(startKey); ok {
				if start, ok := at.(time.Time); ok {
					note(kind, time.Since(start))
				}
			}
		}
	}
	c := db.Callback()
	for kind, register := range map[string]func() error{
		"create": func() error {
			return firstOf(c.Create().Before("*").Register("kinerja:begin", begin), c.Create().After("*").Register("kinerja:end", end("create")))
		},
		"query": func() error {
			return firstOf(c.Query().Before("*").Register("kinerja:begin", begin), c.Query().After("*").Register("kinerja:end", end("query")))
		},
		"update": func() error {
			return firstOf(c.Update().Before("*").Register("kinerja:begin", begin), c.Update().After("*").Register("kinerja:end", end("update")))
		},
		"delete": func() error {
			return firstOf(c.Delete().Before("*").Register("kinerja:begin", begin), c.Delete().After("*").Register("kinerja:end", end("delete")))
		},
		"raw": func() error {
			return firstOf(c.Raw().Before("*").Register("kinerja:begin", begin), c.Raw().After("*").Register("kinerja:end", end("raw")))
		},
	} {
		if err := register(); err != nil {
			return fmt.Errorf("observe %s statements: %w", kind, err)
		}
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
