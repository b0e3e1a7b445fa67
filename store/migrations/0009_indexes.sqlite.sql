-- +goose Up
-- What pages and jobs look for; what asks, stands beside each in 0009_indexes.mysql.sql. SQLite keeps the indexes of 0001 as they are.
CREATE INDEX IF NOT EXISTS people_active ON people (active, unit_id, name);
CREATE INDEX IF NOT EXISTS evaluations_superior ON evaluations (superior_id, state, period_id);
CREATE INDEX IF NOT EXISTS evaluations_progress ON evaluations (period_id, unit_id, state, evaluator_id);
CREATE INDEX IF NOT EXISTS person_roles_role ON person_roles (role, unit_id);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state);
CREATE INDEX IF NOT EXISTS audits_at ON audits (at);
CREATE INDEX IF NOT EXISTS audits_actor ON audits (actor_id, at);
CREATE INDEX IF NOT EXISTS invitations_expiry ON invitations (expires_at);
CREATE INDEX IF NOT EXISTS presented_codes_age ON presented_codes (created_at);
CREATE INDEX IF NOT EXISTS link_attempts_age ON link_attempts (updated_at);
