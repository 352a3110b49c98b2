-- name: move
UPDATE jobs SET state = ?, reason = ?, code = ?, failures = failures + ?, not_before = ?, held_since = ?
WHERE id = ? AND state = ?;

-- name: in_doubt
UPDATE attempts SET outcome = 'unknown', money = 'at_risk', evidence = ?, answered = ? WHERE id = ?;

-- name: expire_source_urls
UPDATE attempts SET urls_at = 0 WHERE id = (SELECT attempt FROM jobs WHERE id = ?);

-- name: link_recovered
-- Jobs that were recorded before anything said which job had made what they start from.
WITH found (id, source, made_of, depth) AS (
    SELECT j.id, s.id, m.id, s.depth + 1
    FROM jobs j JOIN attempts a ON a.job = j.id AND a.recovered IS NOT NULL
    JOIN attempts m ON m.task = json_extract(CAST(a.body AS TEXT), '$.input.taskId')
    JOIN jobs s ON s.id = m.job AND s.id <> j.id
    WHERE j.source IS NULL AND j.digest = -1
)
UPDATE OR IGNORE jobs SET source = f.source, made_of = f.made_of, depth = f.depth FROM found f WHERE f.id = jobs.id;
