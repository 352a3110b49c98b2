-- name: row
SELECT state, code, attempt, reroll_of FROM jobs WHERE id = ?;

-- name: attempts
SELECT id, task, money, outcome, evidence, fail_code, intended, json_extract(CAST(body AS TEXT), '$.input.mode'),
       json_extract(CAST(body AS TEXT), '$.input.taskId'),
       EXISTS (SELECT 1 FROM images WHERE attempt = attempts.id)
       AND NOT EXISTS (SELECT 1 FROM images WHERE attempt = attempts.id AND path IS NULL)
FROM attempts WHERE job = ? ORDER BY id;

-- name: settled
UPDATE jobs SET state = ?, reason = ?, code = ?, attempt = ?, reroll_of = ?, failures = 0, not_before = 0, held_since = NULL
WHERE id = ?;
