-- +goose Up
-- A seal closes rows of the audit: its digest is made of theirs and of the seal's before it, so that none changes without all later ones changing too.
CREATE TABLE IF NOT EXISTS audit_seals (
  id BIGINT NOT NULL PRIMARY KEY, size INT NOT NULL, digest CHAR(64) NOT NULL, through_id BIGINT NOT NULL, newest_at {{time}} NOT NULL, sealed_at {{time}} NOT NULL,
  CONSTRAINT audit_seals_newest UNIQUE (newest_at, id), CONSTRAINT audit_seals_sealed UNIQUE (sealed_at, id)) {{table}};
-- What a sealed row was when it was sealed, and whom and which unit and period it is about: the audit itself is only ever added to.
CREATE TABLE IF NOT EXISTS sealed_audits (
  audit_id BIGINT NOT NULL PRIMARY KEY, seal_id BIGINT NOT NULL, digest CHAR(64) NOT NULL, at {{time}} NOT NULL, actor_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL, period_id BIGINT NOT NULL, unit_id BIGINT NOT NULL,
  CONSTRAINT sealed_audits_seal UNIQUE (seal_id, audit_id), CONSTRAINT sealed_audits_at UNIQUE (at, audit_id),
  CONSTRAINT sealed_audits_actor UNIQUE (actor_id, at, audit_id), CONSTRAINT sealed_audits_person UNIQUE (person_id, at, audit_id),
  CONSTRAINT sealed_audits_period UNIQUE (period_id, at, audit_id), CONSTRAINT sealed_audits_unit UNIQUE (unit_id, at, audit_id)) {{table}};
