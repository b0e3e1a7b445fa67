-- +goose Up
-- A person has one reminder, whose key is his; before, he had one for each day. Of those that wait the last becomes that one.
UPDATE notifications SET `key` = CONCAT('reminder:', person_id) WHERE id IN (SELECT last FROM (
  SELECT MAX(id) AS last FROM notifications WHERE kind = 'reminder' AND state IN ('owed', 'unreachable', 'failed') GROUP BY person_id) AS waiting);
UPDATE notifications SET state = 'cancelled' WHERE kind = 'reminder' AND state IN ('owed', 'unreachable', 'failed')
  AND `key` <> CONCAT('reminder:', person_id);
