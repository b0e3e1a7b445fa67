-- +goose Up
-- An upload is a file that an administrator sent into the chat, and how far it is on its way into the roster. Its content stays with Telegram.
CREATE TABLE IF NOT EXISTS uploads (
  id {{id}}, actor_id BIGINT NOT NULL, file_id VARCHAR(250) NOT NULL, name VARCHAR(250) NOT NULL, size BIGINT NOT NULL, state VARCHAR(20) NOT NULL,
  revision INT NOT NULL, mapping {{text}} NOT NULL, summary {{text}} NOT NULL, digest VARCHAR(80) NOT NULL, created_at {{time}} NOT NULL, updated_at {{time}} NOT NULL,
  CONSTRAINT uploads_actor UNIQUE (actor_id, id), CONSTRAINT uploads_old UNIQUE (updated_at, id)) {{table}};
