-- +goose Up
-- Which version of each template a period is evaluated with: written once, when it is created, as JSON of units and versions.
ALTER TABLE periods ADD COLUMN IF NOT EXISTS templates TEXT NULL;
