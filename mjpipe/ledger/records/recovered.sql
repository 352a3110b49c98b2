-- name: recovered
-- What was set aside is nobody's result, and has its own sum.
SELECT a.recovered, count(*), coalesce(sum(a.price), 0), count(a.price)
FROM attempts a JOIN jobs j ON j.id = a.job
WHERE a.recovered IS NOT NULL AND NOT j.set_aside AND a.money <> 'free'
GROUP BY 1;

-- name: set_aside
SELECT count(*), coalesce(sum(a.price), 0), count(a.price)
FROM jobs j JOIN attempts a ON a.job = j.id
WHERE j.set_aside AND a.money <> 'free';
