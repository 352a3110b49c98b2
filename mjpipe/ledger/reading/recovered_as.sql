-- name: recovered_as
SELECT CASE WHEN j.set_aside THEN 'set_aside'
            WHEN NOT j.wanted THEN 'orphan'
            WHEN a.id IS NOT coalesce(j.reroll_of, j.attempt) AND a.id IS NOT j.attempt THEN 'extra'
            WHEN j.state = 'done' THEN 'done'
            WHEN j.state = 'in_doubt' THEN 'in_doubt'
            WHEN j.state = 'failed' THEN 'failed'
            ELSE 'to_ask' END AS became,
       count(*), coalesce(sum(a.price), 0), count(a.price)
FROM attempts a JOIN jobs j ON j.id = a.job
WHERE a.id IN (SELECT value FROM json_each(?)) AND a.money <> 'free'
GROUP BY 1;
