-- name: by_state
SELECT node, state, count(*) FROM jobs
WHERE wanted = 1 OR (:with_orphans AND state IN ('submitting', 'submitted', 'succeeded'))
GROUP BY node, state ORDER BY min(position);

-- name: states_sent
-- A reroll that was requested and not sent is no event: a saved plan that has it still fits.
SELECT CASE WHEN state = 'ready' AND reroll_of = attempt THEN 'done' ELSE state END, count(*)
FROM jobs WHERE attempt IS NOT NULL GROUP BY 1;

-- name: first_to_pick
SELECT s.key FROM jobs u JOIN succeeded_jobs s ON s.id = u.source
WHERE u.state = 'unpicked' AND u.wanted = 1 ORDER BY u.position LIMIT 1;

-- name: left_to_pay
SELECT count(*), count(price), coalesce(sum(price), 0) FROM jobs WHERE wanted AND state IN ('ready', 'waiting');
