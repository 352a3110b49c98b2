-- name: chosen
WITH RECURSIVE chosen (id) AS (
    SELECT id FROM jobs WHERE key IN (SELECT value FROM json_each(?))
    UNION SELECT id FROM jobs WHERE fingerprint IN (SELECT value FROM json_each(?))
    UNION SELECT j.source FROM chosen c JOIN jobs j ON j.id = c.id WHERE j.source IS NOT NULL
)
SELECT id FROM chosen;

-- name: which_jobs
WHERE id IN (SELECT value FROM json_each(?));

-- name: which_attempts
WHERE job IN (SELECT value FROM json_each(?));

-- name: which_images
WHERE attempt IN (SELECT id FROM attempts WHERE job IN (SELECT value FROM json_each(?)));
