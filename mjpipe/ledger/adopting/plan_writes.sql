-- The columns from `node` on are those that a plan may change about a job that keeps its fingerprint: the values of
-- `changeable`.

-- name: insert
INSERT INTO jobs (key, fingerprint, kind, state, depth, source, source_number, request, why,
                  node, take, wanted, position, price, paths, row, labels, lead, possible, from_all_images, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: renew
UPDATE jobs SET (node, take, wanted, position, price, paths, row, labels, lead, possible, from_all_images, digest)
              = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?;

-- name: take_over
UPDATE jobs SET (key, node, take, wanted, position, price, paths, row, labels, lead, possible, from_all_images, digest)
              = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?;

-- name: let_go
UPDATE jobs SET wanted = 0 WHERE id = ?;

-- name: forget_unsent
-- What was never sent is no loss.
DELETE FROM jobs
WHERE id = ? AND wanted = 0 AND NOT EXISTS (SELECT 1 FROM attempts WHERE job = jobs.id)
  AND NOT EXISTS (SELECT 1 FROM jobs f WHERE f.source = jobs.id);

-- name: task_of_result
SELECT a.task FROM jobs_with_result j JOIN attempts a ON a.id = j.result WHERE j.id = ?;

-- name: complete
UPDATE jobs SET (kind, depth, request) = (?, ?, ?) WHERE id = ?;

-- name: complete_bodies
-- A task that was started from another sends that, and nothing else that a plan would not say.
UPDATE attempts SET body = CAST(json_object('input', json_patch(json(:request), json_object(
    'taskId', json_extract(CAST(body AS TEXT), '$.input.taskId')))) AS BLOB)
WHERE job = :job AND recovered IS NOT NULL AND json_extract(CAST(body AS TEXT), '$.partial');
