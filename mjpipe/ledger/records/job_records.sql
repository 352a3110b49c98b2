-- {which} says of which jobs. All three come in the same order.

-- name: jobs
SELECT j.id, j.key, j.fingerprint, j.node, j.kind, j.state, j.wanted, s.key AS source, m.task AS source_task, j.source_number,
       j.take, j.request, j.price, j.paths, j.row, j.labels, j.why, j.reason, j.code, j.attempt, j.reroll_of,
       j.set_aside, j.lead
FROM jobs j LEFT JOIN jobs s ON s.id = j.source LEFT JOIN attempts m ON m.id = j.made_of
{which} ORDER BY j.wanted DESC, j.position, j.id;

-- name: attempts
SELECT a.job AS owner, a.id, a.uid, a.number, a.body, a.price, a.money, a.outcome, a.evidence, a.intended, a.answered, a.task,
       a.finished, a.fail_code, a.fail_message, a.created, a.completed, a.recovered
FROM jobs j JOIN attempts a ON a.job = j.id
{which} ORDER BY j.wanted DESC, j.position, j.id, a.number;

-- name: images
SELECT i.attempt AS owner, i.number, i.url, i.path, i.sha256, i.size, i.fetched, i.hand_sha256, i.hand_size,
       i.width, i.height, i.media_type
FROM jobs j JOIN attempts a ON a.job = j.id JOIN images i ON i.attempt = a.id
{which} ORDER BY j.wanted DESC, j.position, j.id, a.number, i.number;
