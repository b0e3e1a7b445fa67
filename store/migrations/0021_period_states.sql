-- +goose Up
-- Periods that are prepared and not opened stand in a table of their own: a program from before this file knows no such state, and must not
-- take one for a period. Archived is a mark beside the state closed, which such a program goes on understanding.
CREATE TABLE IF NOT EXISTS period_drafts (
  id {{id}}, kind VARCHAR(20) NOT NULL, first_day CHAR(10) NOT NULL, last_day CHAR(10) NOT NULL, unit_id BIGINT NOT NULL,
  self_report_due {{time}} NOT NULL, scoring_due {{time}} NOT NULL, objection_days INT NOT NULL, `release` VARCHAR(20) NOT NULL,
  created_by BIGINT NOT NULL, created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL,
  CONSTRAINT period_drafts_key UNIQUE (kind, first_day, unit_id)) {{table}};
ALTER TABLE periods ADD COLUMN IF NOT EXISTS archived_at {{time}} NULL;
-- Each deadline of a period is extended once: to the next one.
CREATE TABLE IF NOT EXISTS period_extensions (
  id {{id}}, period_id BIGINT NOT NULL, due_before {{time}} NOT NULL, due_after {{time}} NOT NULL, self_report_before {{time}} NOT NULL,
  self_report_after {{time}} NOT NULL, reason VARCHAR(500) NOT NULL, extended_by BIGINT NOT NULL, extended_at {{time}} NOT NULL,
  CONSTRAINT period_extensions_key UNIQUE (period_id, due_before)) {{table}};
-- The organisation performance of a unit in a period, and which unit an evaluator leads where the roster does not tell it rightly.
CREATE TABLE IF NOT EXISTS unit_performances (
  id {{id}}, period_id BIGINT NOT NULL, unit_id BIGINT NOT NULL, grade VARCHAR(20) NOT NULL, carried BOOLEAN NOT NULL,
  set_by BIGINT NOT NULL, set_at {{time}} NOT NULL, CONSTRAINT unit_performances_key UNIQUE (period_id, unit_id)) {{table}};
CREATE TABLE IF NOT EXISTS led_units (
  id {{id}}, period_id BIGINT NOT NULL, person_id BIGINT NOT NULL, unit_id BIGINT NOT NULL, set_by BIGINT NOT NULL, set_at {{time}} NOT NULL,
  CONSTRAINT led_units_key UNIQUE (period_id, person_id)) {{table}};
