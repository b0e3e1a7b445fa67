-- +goose Up
-- guard counts the decisions that rested on a row: see guard.go. SQLite keeps DDL in the transaction, so this runs once.
ALTER TABLE people ADD COLUMN guard BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evaluations ADD COLUMN guard BIGINT NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN guard BIGINT NOT NULL DEFAULT 0;
