-- +goose Up
-- {{id}}, {{time}}, {{text}}, {{name}} and {{table}} are written per engine by migrate.go; where the engines
-- differ more, a version has a file each, NNNN_x.mysql.sql and NNNN_x.sqlite.sql. Each statement may run twice: MySQL commits DDL at once.
-- A constraint that ends in id was a plain index here; on MySQL 0009 makes it one. UNIQUE inside CREATE TABLE is what both engines take twice.
CREATE TABLE IF NOT EXISTS units (
  id {{id}}, code VARCHAR(40) NOT NULL, name {{name}} NOT NULL, parent_id BIGINT NULL,
  created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL, CONSTRAINT units_code UNIQUE (code)) {{table}};
CREATE TABLE IF NOT EXISTS people (
  id {{id}}, nip CHAR(18) NOT NULL, name {{name}} NOT NULL, position {{name}} NOT NULL, position_kind VARCHAR(40) NOT NULL,
  grade VARCHAR(20) NOT NULL, unit_id BIGINT NOT NULL, superior_id BIGINT NULL, phone VARCHAR(20) NOT NULL, active BOOLEAN NOT NULL,
  created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL, CONSTRAINT people_nip UNIQUE (nip),
  CONSTRAINT people_superior UNIQUE (superior_id, id), CONSTRAINT people_unit UNIQUE (unit_id, id), CONSTRAINT people_phone UNIQUE (phone, id)) {{table}};
CREATE TABLE IF NOT EXISTS person_roles (
  id {{id}}, person_id BIGINT NOT NULL, role VARCHAR(20) NOT NULL, unit_id BIGINT NOT NULL, created_at {{time}} NOT NULL,
  CONSTRAINT person_roles_key UNIQUE (person_id, role, unit_id)) {{table}};
CREATE TABLE IF NOT EXISTS accounts (
  id {{id}}, person_id BIGINT NOT NULL, telegram_id BIGINT NOT NULL, language VARCHAR(8) NOT NULL, notice_version VARCHAR(20) NOT NULL,
  notice_shown_at {{time}} NULL, unreachable_since {{time}} NULL, created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL,
  CONSTRAINT accounts_person UNIQUE (person_id), CONSTRAINT accounts_telegram UNIQUE (telegram_id)) {{table}};
CREATE TABLE IF NOT EXISTS invitations (
  id {{id}}, person_id BIGINT NOT NULL, code_hash CHAR(64) NOT NULL, role VARCHAR(20) NOT NULL, telegram_id BIGINT NOT NULL,
  expires_at {{time}} NOT NULL, used_at {{time}} NULL, created_at {{time}} NOT NULL, CONSTRAINT invitations_code UNIQUE (code_hash),
  CONSTRAINT invitations_person UNIQUE (person_id, id)) {{table}};
CREATE TABLE IF NOT EXISTS link_attempts (
  telegram_id BIGINT NOT NULL PRIMARY KEY, failures INT NOT NULL, blocked_until {{time}} NULL, updated_at {{time}} NOT NULL) {{table}};
CREATE TABLE IF NOT EXISTS templates (
  id {{id}}, unit_id BIGINT NOT NULL, name {{name}} NOT NULL, created_at {{time}} NOT NULL, CONSTRAINT templates_unit UNIQUE (unit_id)) {{table}};
CREATE TABLE IF NOT EXISTS template_versions (
  id {{id}}, template_id BIGINT NOT NULL, version INT NOT NULL, created_at {{time}} NOT NULL,
  CONSTRAINT template_versions_key UNIQUE (template_id, version)) {{table}};
CREATE TABLE IF NOT EXISTS indicators (
  id {{id}}, template_version_id BIGINT NOT NULL, ordinal INT NOT NULL, aspect VARCHAR(20) NOT NULL, name {{name}} NOT NULL,
  description {{text}} NOT NULL, target VARCHAR(40) NOT NULL, measure VARCHAR(40) NOT NULL, dimension VARCHAR(20) NOT NULL,
  CONSTRAINT indicators_key UNIQUE (template_version_id, ordinal)) {{table}};
CREATE TABLE IF NOT EXISTS periods (
  id {{id}}, kind VARCHAR(20) NOT NULL, first_day CHAR(10) NOT NULL, last_day CHAR(10) NOT NULL, unit_id BIGINT NOT NULL,
  self_report_due {{time}} NOT NULL, scoring_due {{time}} NOT NULL, objection_days INT NOT NULL, `release` VARCHAR(20) NOT NULL,
  state VARCHAR(20) NOT NULL, published_at {{time}} NULL, closed_at {{time}} NULL, created_by BIGINT NOT NULL,
  created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL, CONSTRAINT periods_key UNIQUE (kind, first_day, unit_id)) {{table}};
CREATE TABLE IF NOT EXISTS evaluations (
  id {{id}}, period_id BIGINT NOT NULL, employee_id BIGINT NOT NULL, segment INT NOT NULL, unit_id BIGINT NOT NULL,
  evaluator_id BIGINT NULL, superior_id BIGINT NULL, template_version_id BIGINT NOT NULL, state VARCHAR(20) NOT NULL,
  work_rating VARCHAR(10) NOT NULL, behaviour_rating VARCHAR(10) NOT NULL, work_reason {{text}} NOT NULL, behaviour_reason {{text}} NOT NULL,
  note {{text}} NOT NULL, follow_up_kind VARCHAR(20) NOT NULL, follow_up_due VARCHAR(10) NOT NULL,
  created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL, CONSTRAINT evaluations_key UNIQUE (period_id, employee_id, segment),
  CONSTRAINT evaluations_evaluator UNIQUE (evaluator_id, period_id, id), CONSTRAINT evaluations_employee UNIQUE (employee_id, id)) {{table}};
CREATE TABLE IF NOT EXISTS answers (
  id {{id}}, evaluation_id BIGINT NOT NULL, indicator_id BIGINT NOT NULL, rating VARCHAR(10) NOT NULL, reason {{text}} NOT NULL,
  note {{text}} NOT NULL, updated_at {{time}} NOT NULL, CONSTRAINT answers_key UNIQUE (evaluation_id, indicator_id)) {{table}};
CREATE TABLE IF NOT EXISTS results (
  id {{id}}, evaluation_id BIGINT NOT NULL, version INT NOT NULL, work_rating VARCHAR(10) NOT NULL, behaviour_rating VARCHAR(10) NOT NULL,
  predicate VARCHAR(20) NOT NULL, work_reason {{text}} NOT NULL, behaviour_reason {{text}} NOT NULL,
  note {{text}} NOT NULL, follow_up_kind VARCHAR(20) NOT NULL, follow_up_due VARCHAR(10) NOT NULL,
  set_by BIGINT NOT NULL, set_at {{time}} NOT NULL, release_at {{time}} NULL, opened_at {{time}} NULL, acknowledged_at {{time}} NULL,
  withdrawn_at {{time}} NULL, CONSTRAINT results_key UNIQUE (evaluation_id, version),
  CONSTRAINT results_release UNIQUE (release_at, id)) {{table}};
CREATE TABLE IF NOT EXISTS result_answers (
  id {{id}}, result_id BIGINT NOT NULL, indicator_id BIGINT NOT NULL, rating VARCHAR(10) NOT NULL, reason {{text}} NOT NULL,
  note {{text}} NOT NULL, CONSTRAINT result_answers_key UNIQUE (result_id, indicator_id)) {{table}};
CREATE TABLE IF NOT EXISTS notifications (
  id {{id}}, `key` VARCHAR(120) NOT NULL, person_id BIGINT NOT NULL, period_id BIGINT NOT NULL, kind VARCHAR(40) NOT NULL, args VARCHAR(200) NOT NULL,
  state VARCHAR(20) NOT NULL, due_at {{time}} NOT NULL, attempts INT NOT NULL, lease_owner VARCHAR(40) NOT NULL, lease_until {{time}} NULL,
  last_error VARCHAR(60) NOT NULL, sent_at {{time}} NULL, message_id BIGINT NOT NULL, created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL,
  CONSTRAINT notifications_key UNIQUE (`key`),
  CONSTRAINT notifications_due UNIQUE (state, due_at, id), CONSTRAINT notifications_period UNIQUE (period_id, state, id)) {{table}};
CREATE TABLE IF NOT EXISTS audits (
  id {{id}}, at {{time}} NOT NULL, actor_id BIGINT NOT NULL, action VARCHAR(40) NOT NULL, subject VARCHAR(40) NOT NULL, object_id BIGINT NOT NULL,
  `before` {{text}} NOT NULL, `after` {{text}} NOT NULL,
  CONSTRAINT audits_object UNIQUE (subject, object_id, id)) {{table}};
CREATE TABLE IF NOT EXISTS jobs (
  id {{id}}, `key` VARCHAR(120) NOT NULL, kind VARCHAR(40) NOT NULL, object_id BIGINT NOT NULL, actor_id BIGINT NOT NULL, `cursor` BIGINT NOT NULL,
  done INT NOT NULL, total INT NOT NULL, state VARCHAR(20) NOT NULL, chat_id BIGINT NOT NULL, message_id BIGINT NOT NULL,
  lease_owner VARCHAR(40) NOT NULL, lease_until {{time}} NULL, created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL,
  CONSTRAINT jobs_key UNIQUE (`key`)) {{table}};
CREATE TABLE IF NOT EXISTS leases (
  name VARCHAR(60) NOT NULL PRIMARY KEY, owner VARCHAR(40) NOT NULL, until {{time}} NOT NULL) {{table}};
