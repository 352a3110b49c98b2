-- name: waiting_for
-- Left to itself SQLite goes through all jobs that wait, for each source again.
SELECT id, key, node, request, source_number, from_all_images FROM jobs INDEXED BY jobs_source
WHERE source = ? AND state = 'waiting' AND wanted = 1 ORDER BY position;

-- name: sources_waited_for
SELECT DISTINCT s.id FROM jobs w JOIN succeeded_jobs s ON s.id = w.source
WHERE w.state = 'waiting' AND w.wanted = 1;

-- name: with_what_follows
WITH RECURSIVE doomed (id, depth, node, state) AS (
    SELECT id, depth, node, state FROM jobs WHERE id = ?
    UNION
    SELECT j.id, j.depth, j.node, j.state FROM jobs j JOIN doomed d ON j.source = d.id
)
SELECT id, node, state FROM doomed ORDER BY depth DESC;

-- name: wait_again
UPDATE jobs SET state = 'waiting'
WHERE source = ? AND state = 'ready' AND attempt IS NULL AND instr(request, ?)
RETURNING node;

-- name: rerolls_to_send
SELECT id, node, reroll_of FROM jobs
WHERE reroll_of IS NOT NULL AND attempt = reroll_of AND state = 'ready' AND wanted = 1;
