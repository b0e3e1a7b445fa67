-- +goose Up
-- A talk is what an employee asks his evaluator for about a result, and what the evaluator answers; the last one of an evaluation counts.
CREATE TABLE IF NOT EXISTS talks (
  id {{id}}, evaluation_id BIGINT NOT NULL, number INT NOT NULL, evaluator_id BIGINT NOT NULL, requested_at {{time}} NOT NULL,
  answer VARCHAR(10) NOT NULL, day VARCHAR(10) NOT NULL, answered_at {{time}} NULL, answers INT NOT NULL,
  CONSTRAINT talks_key UNIQUE (evaluation_id, number), CONSTRAINT talks_evaluator UNIQUE (evaluator_id, answer, id)) {{table}};
