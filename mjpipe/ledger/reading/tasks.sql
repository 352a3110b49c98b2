-- name: of_job
SELECT a.task FROM jobs_with_result j JOIN attempts a ON a.id = j.result
WHERE j.key = ? AND j.fingerprint = ? AND j.made_of IS (SELECT id FROM attempts WHERE task = ?)
ORDER BY j.wanted DESC, j.id DESC LIMIT 1;

-- name: key_of_result
SELECT j.key FROM attempts a JOIN jobs j ON j.id = a.job AND a.id = coalesce(j.reroll_of, j.attempt)
WHERE a.task = ? AND j.wanted = 1 AND (j.reroll_of IS NOT NULL OR EXISTS (SELECT 1 FROM succeeded_jobs WHERE id = j.id));

-- name: unknown
SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE task = value);

-- name: rerolled
SELECT t.task FROM attempts t JOIN attempts r ON r.job = t.job AND r.id > t.id AND r.task IS NOT NULL
WHERE t.task IN (SELECT value FROM json_each(?))
  AND json_extract(CAST(r.body AS TEXT), '$.input.mode') = 'reroll'
  AND json_extract(CAST(r.body AS TEXT), '$.input.taskId') = t.task;

-- name: fingerprints_of
SELECT DISTINCT j.fingerprint FROM attempts a JOIN jobs j ON j.id = a.job
WHERE a.task IN (SELECT value FROM json_each(?));

-- name: other_keys
SELECT DISTINCT key FROM jobs
WHERE fingerprint IN (SELECT value FROM json_each(?)) AND key NOT IN (SELECT value FROM json_each(?)) AND wanted LIMIT ?;

-- name: image_numbers
SELECT number FROM images WHERE attempt = (SELECT id FROM attempts WHERE task = ?) ORDER BY number;

-- name: settled
SELECT uid FROM attempts WHERE task IS NOT NULL OR outcome IN ('refused', 'not_accepted');

-- name: unknown_attempts
WITH asked (number, uid, task, set_aside) AS (
    SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?)
)
SELECT number FROM asked q
WHERE CASE WHEN EXISTS (SELECT 1 FROM attempts a WHERE a.task = q.task)
           THEN q.set_aside AND EXISTS (SELECT 1 FROM attempts a JOIN jobs j ON j.id = a.job
                                        WHERE a.task = q.task AND NOT j.set_aside AND a.id IS coalesce(j.reroll_of, j.attempt))
           WHEN EXISTS (SELECT 1 FROM attempts a WHERE a.uid = q.uid)
           THEN q.task IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.uid = q.uid AND a.task IS NOT NULL)
                OR q.set_aside AND EXISTS (SELECT 1 FROM attempts a JOIN jobs j ON j.id = a.job
                                           WHERE a.uid = q.uid AND NOT j.set_aside AND a.id IS coalesce(j.reroll_of, j.attempt))
           ELSE 1 END
ORDER BY number;

-- name: has_made
SELECT 1 FROM jobs
WHERE NOT set_aside
  AND (state IN ('submitting', 'submitted', 'succeeded', 'done', 'in_doubt') OR code = 'images_gone' OR reroll_of IS NOT NULL)
LIMIT 1;

-- name: is_made
SELECT 1 FROM jobs
WHERE fingerprint = ? AND (? IS NULL OR key = ?) AND NOT set_aside
  AND (state IN ('submitting', 'submitted', 'succeeded', 'done', 'in_doubt') OR code = 'images_gone' OR reroll_of IS NOT NULL)
LIMIT 1;
