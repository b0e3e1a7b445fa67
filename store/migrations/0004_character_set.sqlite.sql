-- +goose Up
UPDATE units SET code = UPPER(code);
