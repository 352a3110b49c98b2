-- name: at_risk
-- The first term is what the index holds.
SELECT j.key, j.wanted, a.number, a.intended, a.price, a.task, a.evidence, a.fail_code, a.fail_message, j.reason,
       j.state = 'in_doubt' AND a.id = j.attempt AS in_doubt
FROM attempts a JOIN jobs j ON j.id = a.job
WHERE a.money <> 'spent' AND a.money = 'at_risk'
ORDER BY j.wanted DESC, j.position, j.id, a.number;
