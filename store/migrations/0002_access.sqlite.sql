-- +goose Up
-- presented_codes: which invitations a Telegram user has shown the code of. lost_phones: people whom only a code links again.
CREATE TABLE IF NOT EXISTS presented_codes (
  telegram_id BIGINT NOT NULL, invitation_id BIGINT NOT NULL, created_at {{time}} NOT NULL, PRIMARY KEY (telegram_id, invitation_id)) {{table}};
CREATE TABLE IF NOT EXISTS lost_phones (person_id BIGINT NOT NULL PRIMARY KEY, created_at {{time}} NOT NULL) {{table}};
-- An invitation grants no role any more.
ALTER TABLE invitations DROP COLUMN role;
