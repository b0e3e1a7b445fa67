-- +goose Up
-- What pages and jobs look for. On MySQL each CREATE INDEX is written so that it may run twice: see migrate.go.
-- Who of a unit has no account yet, without reading the people themselves.
CREATE INDEX IF NOT EXISTS people_active ON people (active, unit_id, name);
-- Whom a superior's people owe.
CREATE INDEX IF NOT EXISTS evaluations_superior ON evaluations (superior_id, state, period_id);
-- How far a period and its units are, without reading the evaluations themselves.
CREATE INDEX IF NOT EXISTS evaluations_progress ON evaluations (period_id, unit_id, state, evaluator_id);
-- Who administers a unit.
CREATE INDEX IF NOT EXISTS person_roles_role ON person_roles (role, unit_id);
-- Which work waits.
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state);
-- What happened in a span of time, and what a person did. What happened to an object is in audits_object.
CREATE INDEX IF NOT EXISTS audits_at ON audits (at);
CREATE INDEX IF NOT EXISTS audits_actor ON audits (actor_id, at);
-- What is old enough to go.
CREATE INDEX IF NOT EXISTS invitations_expiry ON invitations (expires_at);
CREATE INDEX IF NOT EXISTS presented_codes_age ON presented_codes (created_at);
CREATE INDEX IF NOT EXISTS link_attempts_age ON link_attempts (updated_at);
-- The constraints of 0001 that end in id were unique in name only. One statement a table: it is done whole or not at all, and may run twice.
ALTER TABLE people DROP INDEX people_superior, DROP INDEX people_unit, DROP INDEX people_phone,
  ADD INDEX people_superior (superior_id), ADD INDEX people_unit (unit_id), ADD INDEX people_phone (phone);
ALTER TABLE invitations DROP INDEX invitations_person, ADD INDEX invitations_person (person_id);
ALTER TABLE evaluations DROP INDEX evaluations_evaluator, DROP INDEX evaluations_employee,
  ADD INDEX evaluations_evaluator (evaluator_id, period_id), ADD INDEX evaluations_employee (employee_id);
ALTER TABLE results DROP INDEX results_release, ADD INDEX results_release (release_at);
ALTER TABLE notifications DROP INDEX notifications_due, DROP INDEX notifications_period,
  ADD INDEX notifications_due (state, due_at), ADD INDEX notifications_period (period_id, state);
ALTER TABLE audits DROP INDEX audits_object, ADD INDEX audits_object (subject, object_id);
