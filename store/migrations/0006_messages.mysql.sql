-- +goose Up
-- The oldest message of each person, and who cannot be reached. DDL is committed at once, and MySQL 8 has no CREATE INDEX IF NOT EXISTS:
-- each index is made unless a run that was interrupted has made it.
SET @made = (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'notifications' AND index_name = 'notifications_person');
SET @make = IF(@made > 0, 'DO 0', 'CREATE INDEX notifications_person ON notifications (person_id, state, due_at)');
PREPARE make FROM @make;
EXECUTE make;
DEALLOCATE PREPARE make;
SET @made = (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'accounts' AND index_name = 'accounts_unreachable');
SET @make = IF(@made > 0, 'DO 0', 'CREATE INDEX accounts_unreachable ON accounts (unreachable_since)');
PREPARE make FROM @make;
EXECUTE make;
DEALLOCATE PREPARE make;
