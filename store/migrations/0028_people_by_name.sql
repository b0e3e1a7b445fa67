-- +goose Up
-- The people of a period are listed by name: a page of them is read by this index, not by sorting a whole city.
CREATE INDEX IF NOT EXISTS people_by_name ON people (name);
