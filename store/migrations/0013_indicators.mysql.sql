-- +goose Up
-- What a result is besides its indicators, what the leader expects of a value, and who made a version of a template. inherits: from this
-- version on the unit follows the one above it. MySQL has no ADD COLUMN IF NOT EXISTS; each column is added unless it is there.
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'indicators' AND column_name = 'plan');
SET @add = IF(@missing, 'ALTER TABLE indicators ADD COLUMN plan VARCHAR(500) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE add_column FROM @add;
EXECUTE add_column;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'indicators' AND column_name = 'serves');
SET @add = IF(@missing, 'ALTER TABLE indicators ADD COLUMN serves VARCHAR(500) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE add_column FROM @add;
EXECUTE add_column;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'indicators' AND column_name = 'additional');
SET @add = IF(@missing, 'ALTER TABLE indicators ADD COLUMN additional BOOLEAN NOT NULL DEFAULT 0', 'DO 0');
PREPARE add_column FROM @add;
EXECUTE add_column;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'indicators' AND column_name = 'expectation');
SET @add = IF(@missing, 'ALTER TABLE indicators ADD COLUMN expectation VARCHAR(500) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE add_column FROM @add;
EXECUTE add_column;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'template_versions' AND column_name = 'created_by');
SET @add = IF(@missing, 'ALTER TABLE template_versions ADD COLUMN created_by BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE add_column FROM @add;
EXECUTE add_column;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'template_versions' AND column_name = 'inherits');
SET @add = IF(@missing, 'ALTER TABLE template_versions ADD COLUMN inherits BOOLEAN NOT NULL DEFAULT 0', 'DO 0');
PREPARE add_column FROM @add;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;
