-- name: by_name
{found}
WHERE j.key = ? AND j.fingerprint = ? AND NOT j.set_aside AND coalesce(j.source, 0) = ? AND (j.made_of IS NULL OR j.made_of = ?)
ORDER BY coalesce(j.made_of, 0) DESC LIMIT 1;

-- name: by_id
{found} WHERE j.id = ?;

-- name: found
SELECT j.id, j.state, j.digest, j.wanted, j.why, j.attempt, j.reroll_of, a.id, a.task, a.price,
       CASE WHEN j.reroll_of IS NOT NULL
            THEN EXISTS (SELECT 1 FROM images WHERE attempt = j.reroll_of AND path IS NULL AND fetched IS NULL) END,
       j.code, j.revision, j.key
FROM jobs j LEFT JOIN attempts a ON a.id = coalesce(j.reroll_of, j.attempt)

-- name: left_over
-- The best that a job may take over: what is paid before what may be, that before what failed.
SELECT id FROM jobs
WHERE fingerprint = ? AND id <= ? AND NOT set_aside AND source IS ? AND (made_of IS NULL OR made_of = ?)
  AND (state NOT IN ('waiting', 'ready', 'unpicked') OR reroll_of IS NOT NULL)
ORDER BY CASE state WHEN 'done' THEN 0 WHEN 'succeeded' THEN 1 WHEN 'submitted' THEN 2 WHEN 'submitting' THEN 3
                    WHEN 'in_doubt' THEN 4 ELSE iif(code = 'images_gone', 2, 5) END, wanted DESC, id;

-- name: request_of_key
SELECT request FROM jobs WHERE key = ? AND id <= ? AND NOT set_aside ORDER BY wanted DESC, id DESC LIMIT 1;

-- name: to_let_go
-- Orphans that are let go once more get back the result that was to be made again.
SELECT id, revision, wanted FROM jobs
WHERE id <= ? AND (wanted OR reroll_of IS NOT NULL AND state IN ('ready', 'failed'))
ORDER BY depth DESC, id;
