-- +goose Up
-- departures: when somebody left the roster last. He is found by it only as long as people.active says that he is gone.
CREATE TABLE IF NOT EXISTS departures (
  person_id BIGINT NOT NULL PRIMARY KEY, left_at {{time}} NOT NULL, CONSTRAINT departures_at UNIQUE (left_at, person_id)) {{table}};
