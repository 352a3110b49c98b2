-- name: move
UPDATE jobs SET state = ?, reason = ?, code = ?, failures = failures + ?, not_before = ?, held_since = ?
WHERE id = ? AND state = ?;

-- name: in_doubt
UPDATE attempts SET outcome = 'unknown', money = 'at_risk', evidence = ?, answered = ? WHERE id = ?;

-- name: expire_source_urls
UPDATE attempts SET urls_at = 0 WHERE id = (SELECT attempt FROM jobs WHERE id = ?);
