-- name: reroll
UPDATE jobs SET state = 'ready', reroll_of = attempt, why = :asked, reason = NULL, code = NULL, failures = 0,
                not_before = 0, held_since = NULL
WHERE id = :job;

-- name: restore
UPDATE jobs SET attempt = reroll_of, reroll_of = NULL, reason = NULL, code = NULL, failures = 0, not_before = 0,
                held_since = NULL,
                state = CASE WHEN EXISTS (SELECT 1 FROM images
                                          WHERE attempt = reroll_of AND path IS NULL AND fetched IS NULL)
                             THEN 'succeeded' ELSE 'done' END
WHERE {which};

-- name: wait
UPDATE jobs SET state = 'waiting', reason = NULL, code = NULL WHERE id = :job;

-- name: orphans
-- Those that could be asked to be made again.
reroll_of IS NOT NULL AND wanted = 0 AND state IN ('ready', 'failed')
