-- +goose Up
-- guard counts the decisions that rested on a row: see guard.go. The column goes to the end of the table, which both engines do without copying it.
ALTER TABLE people ADD COLUMN IF NOT EXISTS guard BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evaluations ADD COLUMN IF NOT EXISTS guard BIGINT NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN IF NOT EXISTS guard BIGINT NOT NULL DEFAULT 0;
