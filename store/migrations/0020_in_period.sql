-- +goose Up
-- What is decided about single people while a period runs: left out with a reason, handed to another evaluator, evaluated by a deputy for some
-- days, set and opened again. A draft belongs to who wrote it: drafts keeps that of somebody who is not the evaluator now.
ALTER TABLE evaluations ADD COLUMN IF NOT EXISTS delegation_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evaluations ADD COLUMN IF NOT EXISTS acting_until {{time}} NULL;
ALTER TABLE evaluations ADD COLUMN IF NOT EXISTS reopened_at {{time}} NULL;
ALTER TABLE periods ADD COLUMN IF NOT EXISTS guard BIGINT NOT NULL DEFAULT 0;
ALTER TABLE results ADD COLUMN IF NOT EXISTS delegation_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE results ADD COLUMN IF NOT EXISTS reopened_at {{time}} NULL;
CREATE TABLE IF NOT EXISTS exclusions (
  id {{id}}, evaluation_id BIGINT NOT NULL, reason VARCHAR(20) NOT NULL, words {{text}} NOT NULL, by_id BIGINT NOT NULL,
  created_at {{time}} NOT NULL, ended_by BIGINT NOT NULL, ended_at {{time}} NULL,
  CONSTRAINT exclusions_evaluation UNIQUE (evaluation_id, id)) {{table}};
CREATE TABLE IF NOT EXISTS handovers (
  id {{id}}, evaluation_id BIGINT NOT NULL, from_id BIGINT NOT NULL, to_id BIGINT NOT NULL, delegation_id BIGINT NOT NULL,
  by_id BIGINT NOT NULL, reason {{text}} NOT NULL, created_at {{time}} NOT NULL,
  CONSTRAINT handovers_evaluation UNIQUE (evaluation_id, id)) {{table}};
CREATE TABLE IF NOT EXISTS drafts (
  id {{id}}, evaluation_id BIGINT NOT NULL, person_id BIGINT NOT NULL, delegation_id BIGINT NOT NULL, content {{text}} NOT NULL,
  kept_at {{time}} NOT NULL, CONSTRAINT drafts_key UNIQUE (evaluation_id, person_id)) {{table}};
CREATE TABLE IF NOT EXISTS delegations (
  id {{id}}, evaluator_id BIGINT NOT NULL, deputy_id BIGINT NOT NULL, capacity VARCHAR(5) NOT NULL, first_day CHAR(10) NOT NULL,
  last_day CHAR(10) NOT NULL, begins_at {{time}} NOT NULL, ends_at {{time}} NOT NULL, letter VARCHAR(100) NOT NULL, state VARCHAR(10) NOT NULL,
  by_id BIGINT NOT NULL, created_at {{time}} NOT NULL, ended_by BIGINT NOT NULL, ended_at {{time}} NULL, guard BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT delegations_evaluator UNIQUE (evaluator_id, id), CONSTRAINT delegations_state UNIQUE (state, begins_at, id)) {{table}};
CREATE TABLE IF NOT EXISTS reopenings (
  id {{id}}, result_id BIGINT NOT NULL, by_id BIGINT NOT NULL, reason {{text}} NOT NULL, created_at {{time}} NOT NULL,
  CONSTRAINT reopenings_result UNIQUE (result_id)) {{table}};
