-- +goose Up
-- What training it is that was agreed, and who tells that a follow-up is done: the employee and his evaluator, each for himself.
ALTER TABLE evaluations ADD COLUMN IF NOT EXISTS follow_up_name VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE results ADD COLUMN IF NOT EXISTS follow_up_name VARCHAR(200) NOT NULL DEFAULT '';
CREATE TABLE IF NOT EXISTS follow_up_reports (
  id {{id}}, result_id BIGINT NOT NULL, side VARCHAR(10) NOT NULL, person_id BIGINT NOT NULL, reported_at {{time}} NOT NULL,
  CONSTRAINT follow_up_reports_key UNIQUE (result_id, side)) {{table}};
