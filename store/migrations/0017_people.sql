-- +goose Up
-- How somebody left the roster, as who let him leave says; and why an evaluator evaluates whom the roster does not know to be entitled: the
-- reason counts as long as he is the person's evaluator.
ALTER TABLE departures ADD COLUMN IF NOT EXISTS kind VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE departures ADD COLUMN IF NOT EXISTS day VARCHAR(10) NOT NULL DEFAULT '';
CREATE TABLE IF NOT EXISTS evaluator_reasons (
  person_id BIGINT NOT NULL PRIMARY KEY, evaluator_id BIGINT NOT NULL, reason VARCHAR(500) NOT NULL, given_by BIGINT NOT NULL,
  created_at {{time}} NOT NULL) {{table}};
