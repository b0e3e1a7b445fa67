-- +goose Up
-- The results (hasil kerja) that a person has of his own, his SKP. Each change is a new version, which never changes; instead: they take the
-- place of the results of his unit, else they stand beside them. At an opening they become a list of indicators of his own: a row of
-- template_versions whose template_id is minus the personal version, and whose version is the unit's version with which they were put together.
CREATE TABLE IF NOT EXISTS personal_versions (
  id {{id}}, person_id BIGINT NOT NULL, version INT NOT NULL, instead BOOLEAN NOT NULL, created_by BIGINT NOT NULL, created_at {{time}} NOT NULL, superseded_at {{time}} NULL,
  CONSTRAINT personal_versions_key UNIQUE (person_id, version)) {{table}};
CREATE TABLE IF NOT EXISTS personal_results (
  id {{id}}, personal_version_id BIGINT NOT NULL, ordinal INT NOT NULL, name {{name}} NOT NULL, description {{text}} NOT NULL,
  target VARCHAR(40) NOT NULL, measure VARCHAR(40) NOT NULL, dimension VARCHAR(20) NOT NULL, plan VARCHAR(500) NOT NULL,
  serves VARCHAR(500) NOT NULL, additional BOOLEAN NOT NULL,
  CONSTRAINT personal_results_key UNIQUE (personal_version_id, ordinal)) {{table}};
-- What is old enough to go, and whether an evaluation still needs a list.
CREATE INDEX IF NOT EXISTS personal_versions_age ON personal_versions (created_at);
CREATE INDEX IF NOT EXISTS personal_versions_past ON personal_versions (superseded_at);
CREATE INDEX IF NOT EXISTS evaluations_template ON evaluations (template_version_id);
