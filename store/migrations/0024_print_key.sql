-- +goose Up
-- Which printing a code on a paper slip was made for: a file that is made again, because nobody knows whether it arrived, is for the same people.
ALTER TABLE invitations ADD COLUMN IF NOT EXISTS print_key VARCHAR(80) NOT NULL DEFAULT '';
