-- +goose Up
-- guard counts the decisions that rested on a row: see guard.go. MySQL has no ADD COLUMN IF NOT EXISTS; the column goes to the end of the
-- table, which both engines do without copying it.
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'people' AND column_name = 'guard');
SET @add = IF(@missing, 'ALTER TABLE people ADD COLUMN guard BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE add_guard FROM @add;
EXECUTE add_guard;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'evaluations' AND column_name = 'guard');
SET @add = IF(@missing, 'ALTER TABLE evaluations ADD COLUMN guard BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE add_guard FROM @add;
EXECUTE add_guard;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'answers' AND column_name = 'guard');
SET @add = IF(@missing, 'ALTER TABLE answers ADD COLUMN guard BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE add_guard FROM @add;
EXECUTE add_guard;
DEALLOCATE PREPARE add_guard;
