package store

import (
	"context"
	"testing"
)

// MigrationsFor is migrationsFor, for tests with files of their own.
var MigrationsFor = migrationsFor

// CountRows runs a query that counts, for tests of what no method shows.
func (s *Store) CountRows(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := s.db.WithContext(context.Background()).Raw(query, args...).Scan(&n).Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// Change runs a statement that brings about what no method can, such as the doing of a process with another clock.
func (s *Store) Change(t testing.TB, statement string, args ...any) {
	t.Helper()
	if err := s.db.WithContext(context.Background()).Exec(statement, args...).Error; err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
