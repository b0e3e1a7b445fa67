-- +goose Up
-- Whom the reminders of a day concern: follow-ups that fall due, and talks that were promised for it.
CREATE INDEX IF NOT EXISTS results_follow_up ON results (follow_up_due);
CREATE INDEX IF NOT EXISTS talks_day ON talks (day);
