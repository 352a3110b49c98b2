-- name: on_disk
SELECT j.id, f.attempt, f.number, f.path, f.sha256, j.paths, f.size, f.seen, f.hand_sha256
FROM jobs j JOIN image_files f ON f.attempt = coalesce(j.reroll_of, j.attempt)
WHERE j.wanted = 1 ORDER BY j.position, f.number;

-- name: left_over
WITH beside (attempt, job, paths, position) AS (
    SELECT a.id, j.id, j.paths, j.position FROM jobs j JOIN attempts a ON a.job = j.id WHERE j.wanted = 0
    UNION ALL
    SELECT a.id, j.id, j.paths, j.position
    FROM (SELECT DISTINCT job FROM attempts WHERE number > 1) several
    JOIN jobs j ON j.id = several.job AND j.wanted = 1
    JOIN attempts a ON a.job = j.id AND a.id <> coalesce(j.reroll_of, j.attempt)
)
SELECT b.job, f.attempt, f.number, f.path, f.sha256, b.paths, f.size, f.seen, f.hand_sha256
FROM beside b JOIN image_files f ON f.attempt = b.attempt
WHERE ?1 IS NULL OR f.path IN (SELECT value FROM json_each(?1))
ORDER BY b.position, f.attempt, f.number;

-- name: to_fetch_of
SELECT j.id AS job, j.key, j.node, a.task, j.paths, j.wanted, j.attempt = a.id AND j.state = 'succeeded' AS awaited,
       a.number, a.ended
FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.id = ?;

-- name: waiting_since
SELECT ended FROM attempts WHERE id IN (SELECT attempt FROM images_to_fetch)
UNION ALL
SELECT answered FROM tasks_in_flight
ORDER BY 1;

-- name: on_record
SELECT DISTINCT path FROM images WHERE path IN (SELECT value FROM json_each(?1)) OR ?1 IS NULL AND path IS NOT NULL;
