-- name: jobs_sending
SELECT j.id, j.key, j.node FROM jobs s JOIN jobs j ON j.source = s.id
WHERE s.id = (SELECT job FROM attempts WHERE id = :attempt) AND s.attempt = :attempt
  AND j.state = 'ready' AND j.wanted = 1 AND j.source_number = :number
  AND instr(j.request, :url) AND j.reroll_of IS NULL;
