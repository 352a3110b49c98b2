-- name: nodes
SELECT DISTINCT node, kind FROM jobs
WHERE NOT set_aside AND EXISTS (SELECT 1 FROM attempts WHERE job = jobs.id AND money <> 'free');

-- name: fingerprints
SELECT DISTINCT fingerprint FROM jobs
WHERE NOT set_aside AND EXISTS (SELECT 1 FROM attempts WHERE job = jobs.id AND money <> 'free');

-- name: with_fingerprint
SELECT j.node, coalesce(sum(a.price), 0), count(a.price), count(*) - count(a.price)
FROM jobs j JOIN attempts a ON a.job = j.id
WHERE j.fingerprint = ? AND NOT j.set_aside AND a.money <> 'free'
GROUP BY j.id LIMIT 1;
