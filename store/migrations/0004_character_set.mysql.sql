-- +goose Up
-- A database made with latin1, or with another collation, becomes what 0001 makes today. CONVERT TO would leave TEXT as MEDIUMTEXT and
-- names in the table's collation, so both are written out after it. SQLite keeps every text in UTF-8 and compares it byte by byte.
ALTER TABLE goose_db_version CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE units CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE units MODIFY name {{name}} NOT NULL;
UPDATE units SET code = UPPER(code);
ALTER TABLE people CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE people MODIFY name {{name}} NOT NULL, MODIFY position {{name}} NOT NULL;
ALTER TABLE person_roles CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE accounts CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE invitations CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE link_attempts CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE templates CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE templates MODIFY name {{name}} NOT NULL;
ALTER TABLE template_versions CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE indicators CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE indicators MODIFY name {{name}} NOT NULL, MODIFY description {{text}} NOT NULL;
ALTER TABLE periods CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE evaluations CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE evaluations MODIFY work_reason {{text}} NOT NULL, MODIFY behaviour_reason {{text}} NOT NULL, MODIFY note {{text}} NOT NULL;
ALTER TABLE answers CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE answers MODIFY reason {{text}} NOT NULL, MODIFY note {{text}} NOT NULL;
ALTER TABLE results CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE results MODIFY work_reason {{text}} NOT NULL, MODIFY behaviour_reason {{text}} NOT NULL, MODIFY note {{text}} NOT NULL;
ALTER TABLE result_answers CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE result_answers MODIFY reason {{text}} NOT NULL, MODIFY note {{text}} NOT NULL;
ALTER TABLE notifications CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE audits CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE audits MODIFY `before` {{text}} NOT NULL, MODIFY `after` {{text}} NOT NULL;
ALTER TABLE jobs CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
ALTER TABLE leases CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
