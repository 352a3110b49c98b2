-- name: request
SELECT request FROM jobs WHERE key = ? AND fingerprint <> ? AND NOT set_aside ORDER BY wanted DESC, id DESC LIMIT 1;

-- name: failed_because
SELECT reason, code FROM jobs WHERE key = ? AND fingerprint = ? AND NOT set_aside ORDER BY wanted DESC, id DESC LIMIT 1;

-- name: orphans
SELECT j.key, j.node, j.state, coalesce(sum(a.price), 0), sum(a.price IS NULL)
FROM jobs j JOIN attempts a ON a.job = j.id AND a.money IN ('spent', 'reserved')
WHERE j.id IN (SELECT value FROM json_each(?)) GROUP BY j.id ORDER BY j.position, j.id;
