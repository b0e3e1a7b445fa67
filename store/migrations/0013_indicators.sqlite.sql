-- +goose Up
-- What a result is besides its indicators, what the leader expects of a value, and who made a version of a template. inherits: from this
-- version on the unit follows the one above it.
ALTER TABLE indicators ADD COLUMN plan VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE indicators ADD COLUMN serves VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE indicators ADD COLUMN additional BOOLEAN NOT NULL DEFAULT 0;
ALTER TABLE indicators ADD COLUMN expectation VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE template_versions ADD COLUMN created_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE template_versions ADD COLUMN inherits BOOLEAN NOT NULL DEFAULT 0;
