-- An attempt that was adopted by a person's word, and has not succeeded, may be decided about again: they may have been
-- mistaken.

-- name: attempt_of_task
-- What a job in doubt waits for comes first, then what a job would otherwise be sent again for.
SELECT a.id FROM jobs j JOIN attempts a ON a.job = j.id
WHERE j.key = ? AND (a.money = 'at_risk' AND a.task IS NULL OR a.outcome = 'adopted' AND a.money <> 'spent')
ORDER BY j.state = 'in_doubt' AND a.id = j.attempt DESC, j.wanted DESC, a.task IS NULL DESC,
         j.state IN ('ready', 'failed') AND a.id > coalesce(j.reroll_of, 0) DESC, a.id
LIMIT 1;

-- name: adopt
UPDATE attempts SET outcome = 'adopted', money = 'reserved', task = ?, answered = ?,
                    finished = NULL, fail_code = NULL, fail_message = NULL
WHERE id = ? AND (money = 'at_risk' AND task IS NULL OR outcome = 'adopted' AND money <> 'spent');

-- name: adopt_as_own
-- What was sent before a result that is to be rerolled is no reroll of it.
UPDATE jobs SET state = 'submitted', attempt = ?1, reason = NULL, code = NULL, not_before = 0, held_since = NULL
WHERE id = (SELECT job FROM attempts WHERE id = ?1)
  AND (state IN ('in_doubt', 'submitted') AND attempt = ?1
       OR state IN ('ready', 'failed') AND ?1 > coalesce(reroll_of, 0));

-- name: attempt_not_sent
SELECT a.id FROM jobs j JOIN attempts a ON a.job = j.id
WHERE j.key = ? AND (j.state = 'in_doubt' AND a.id = j.attempt OR a.outcome = 'adopted' AND a.money <> 'spent')
ORDER BY j.state = 'in_doubt' AND a.id = j.attempt DESC, j.wanted DESC, j.id DESC, a.id
LIMIT 1;

-- name: not_sent
UPDATE attempts SET outcome = 'not_sent', money = 'free', task = NULL,
                    finished = NULL, fail_code = NULL, fail_message = NULL
WHERE id = ?;

-- name: free
UPDATE jobs SET state = 'ready', reason = NULL, code = NULL, not_before = 0, held_since = NULL
WHERE attempt = ? AND state IN ('in_doubt', 'submitted', 'failed');

-- name: sources_of_failed
SELECT source FROM jobs
WHERE state = 'failed' AND wanted = 1 AND source IS NOT NULL AND code IN (SELECT value FROM json_each(?));

-- name: ask_again
-- Tasks that the service did not know: how many images came of them was never said.
UPDATE attempts SET money = 'reserved', finished = NULL
WHERE task IS NOT NULL AND money = 'spent' AND NOT EXISTS (SELECT 1 FROM images WHERE attempt = attempts.id)
  AND id IN (SELECT attempt FROM jobs WHERE state = 'submitted');

-- name: retry_failed
UPDATE jobs SET state = CASE WHEN code = 'images_gone'
                             THEN iif(EXISTS (SELECT 1 FROM images WHERE attempt = jobs.attempt), 'succeeded', 'submitted')
                             WHEN attempt IS NULL AND source IS NOT NULL THEN 'waiting' ELSE 'ready' END,
                failures = 0, why = 'retry requested', reason = NULL, code = NULL
WHERE state = 'failed' AND wanted = 1
  AND (?1 IS NULL OR key || ' ' || fingerprint IN (SELECT value FROM json_each(?1)));
