-- +goose Up
-- What a result is besides its indicators, what the leader expects of a value, and who made a version of a template. inherits: from this
-- version on the unit follows the one above it.
ALTER TABLE indicators ADD COLUMN IF NOT EXISTS plan VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE indicators ADD COLUMN IF NOT EXISTS serves VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE indicators ADD COLUMN IF NOT EXISTS additional BOOLEAN NOT NULL DEFAULT 0;
ALTER TABLE indicators ADD COLUMN IF NOT EXISTS expectation VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE template_versions ADD COLUMN IF NOT EXISTS created_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE template_versions ADD COLUMN IF NOT EXISTS inherits BOOLEAN NOT NULL DEFAULT 0;
