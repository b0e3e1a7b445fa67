-- +goose Up
-- What an administrator writes to many at once: a draft, then how far it is. Whom it reaches are rows of notifications with the key message:<id>:<person>;
-- what became of them is counted into this row in the end, because those rows go sooner.
CREATE TABLE IF NOT EXISTS messages (
  id {{id}}, author_id BIGINT NOT NULL, audience VARCHAR(20) NOT NULL, unit_id BIGINT NOT NULL, period_id BIGINT NOT NULL, text {{text}} NOT NULL,
  file_kind VARCHAR(20) NOT NULL, file_id VARCHAR(250) NOT NULL, file_name VARCHAR(250) NOT NULL, file_lost BOOLEAN NOT NULL,
  state VARCHAR(20) NOT NULL, revision INT NOT NULL, sender_name VARCHAR(200) NOT NULL, sender_office VARCHAR(200) NOT NULL, sender_over VARCHAR(200) NOT NULL,
  expected INT NOT NULL, written INT NOT NULL, sent INT NOT NULL, waiting INT NOT NULL, failed INT NOT NULL, held INT NOT NULL, skipped INT NOT NULL,
  chat_id BIGINT NOT NULL, card_id INT NOT NULL, why VARCHAR(20) NOT NULL, stopped_by BIGINT NOT NULL,
  confirmed_at {{time}} NULL, due_at {{time}} NULL, ended_at {{time}} NULL, settled_at {{time}} NULL, created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL,
  CONSTRAINT messages_author UNIQUE (author_id, state, id), CONSTRAINT messages_settled UNIQUE (settled_at, id), CONSTRAINT messages_old UNIQUE (updated_at, id)) {{table}};
