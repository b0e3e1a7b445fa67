-- +goose Up
-- The oldest message of each person, and who cannot be reached.
CREATE INDEX IF NOT EXISTS notifications_person ON notifications (person_id, state, due_at);
CREATE INDEX IF NOT EXISTS accounts_unreachable ON accounts (unreachable_since);
