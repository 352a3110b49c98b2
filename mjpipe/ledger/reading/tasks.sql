-- name: of_job
SELECT a.task FROM jobs_with_result j JOIN attempts a ON a.id = j.result
WHERE j.key = ? AND j.fingerprint = ? AND j.made_of IS (SELECT id FROM attempts WHERE task = ?)
ORDER BY j.wanted DESC, j.id DESC LIMIT 1;

-- name: key_of_result
SELECT j.key FROM attempts a JOIN jobs j ON j.id = a.job AND a.id = coalesce(j.reroll_of, j.attempt)
WHERE a.task = ? AND j.wanted = 1 AND (j.reroll_of IS NOT NULL OR EXISTS (SELECT 1 FROM succeeded_jobs WHERE id = j.id));

-- name: unknown
SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE task = value);

-- name: fingerprints_of
SELECT DISTINCT j.fingerprint FROM attempts a JOIN jobs j ON j.id = a.job
WHERE a.task IN (SELECT value FROM json_each(?));

-- name: image_numbers
SELECT number FROM images WHERE attempt = (SELECT id FROM attempts WHERE task = ?) ORDER BY number;
