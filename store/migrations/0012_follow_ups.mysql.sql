-- +goose Up
-- What training it is that was agreed, and who tells that a follow-up is done: the employee and his evaluator, each for himself.
-- MySQL has no ADD COLUMN IF NOT EXISTS; each column is added unless it is there.
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'evaluations' AND column_name = 'follow_up_name');
SET @add = IF(@missing, 'ALTER TABLE evaluations ADD COLUMN follow_up_name VARCHAR(200) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE add_column FROM @add;
EXECUTE add_column;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'results' AND column_name = 'follow_up_name');
SET @add = IF(@missing, 'ALTER TABLE results ADD COLUMN follow_up_name VARCHAR(200) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE add_column FROM @add;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;
CREATE TABLE IF NOT EXISTS follow_up_reports (
  id {{id}}, result_id BIGINT NOT NULL, side VARCHAR(10) NOT NULL, person_id BIGINT NOT NULL, reported_at {{time}} NOT NULL,
  CONSTRAINT follow_up_reports_key UNIQUE (result_id, side)) {{table}};
