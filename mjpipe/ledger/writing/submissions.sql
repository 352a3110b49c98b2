-- name: try_again
UPDATE jobs SET held_since = NULL, not_before = 0
WHERE state = 'ready' AND (held_since IS NOT NULL OR not_before <> 0);

-- name: fetch_again
-- An orphan whose files were pruned and that is wanted again: they are fetched, which costs nothing.
UPDATE jobs SET state = 'succeeded'
WHERE state = 'done' AND wanted = 1 AND attempt IN (SELECT attempt FROM images WHERE path IS NULL);

-- name: intend
INSERT INTO attempts (job, number, body, price, money, intended)
VALUES (:job, (SELECT count(*) + 1 FROM attempts WHERE job = :job), :body, :price, 'reserved', :now)
RETURNING id, number;

-- name: submitting
UPDATE jobs SET state = 'submitting', attempt = :attempt, reason = NULL, code = NULL,
                made_of = coalesce(made_of, (SELECT s.attempt FROM jobs s WHERE s.id = jobs.source))
WHERE id = :job AND state = 'ready';

-- name: key_of_task
SELECT j.key FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.task = ?;

-- name: accepted
UPDATE attempts SET outcome = 'accepted', task = ?, answered = ? WHERE id = ?;

-- name: submitted
UPDATE jobs SET state = 'submitted', held_since = NULL WHERE id = ? AND state = 'submitting';

-- name: no_longer_in_doubt
UPDATE jobs SET state = 'submitted', reason = NULL, code = NULL, held_since = NULL
WHERE id = ? AND attempt = ? AND state = 'in_doubt';

-- name: no_longer_at_risk
UPDATE attempts SET money = 'reserved', evidence = NULL WHERE id = ?;

-- name: no_task
UPDATE attempts SET outcome = ?, evidence = ?, money = ?, answered = ? WHERE id = ?;

-- name: withdrawn
UPDATE attempts SET outcome = 'not_sent', money = 'free', evidence = ? WHERE id = ?;

-- name: in_flight
SELECT j.id AS job, t.id AS attempt, j.key, j.node, t.body, t.task, t.answered, t.id IS NOT j.attempt AS extra,
       t.outcome = 'adopted' AS adopted, t.recovered IS NOT NULL AS recovered
FROM tasks_in_flight t JOIN jobs j ON j.id = t.job ORDER BY t.answered;
