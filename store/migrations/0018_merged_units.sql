-- +goose Up
-- A unit that was merged into another stays as a closed row that points there: what is over keeps pointing at it, and its code stays known.
-- guard counts the decisions that rested on a unit: see guard.go.
ALTER TABLE units ADD COLUMN IF NOT EXISTS merged_into BIGINT NULL;
ALTER TABLE units ADD COLUMN IF NOT EXISTS closed_at {{time}} NULL;
ALTER TABLE units ADD COLUMN IF NOT EXISTS guard BIGINT NOT NULL DEFAULT 0;
-- Roles over a unit, of whatever kind, end or follow when it is merged.
CREATE INDEX IF NOT EXISTS person_roles_unit ON person_roles (unit_id, person_id);
