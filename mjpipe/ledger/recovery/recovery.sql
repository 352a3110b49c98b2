-- name: known
SELECT a.id, a.job, a.task, NOT j.set_aside AND a.id IS coalesce(j.reroll_of, j.attempt) AS holds
FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.task = :task OR a.uid = :uid
ORDER BY a.task IS :task DESC LIMIT 1;

-- name: source
SELECT a.id, j.id, j.depth FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.task = ?;

-- name: row_of_name
-- One that was made of the same task before one that was never sent.
SELECT id FROM jobs
WHERE key = ?1 AND fingerprint = ?2 AND NOT set_aside AND source IS ?3 AND (made_of IS NULL OR made_of = ?4)
ORDER BY coalesce(made_of, 0) DESC, wanted DESC, id LIMIT 1;

-- name: insert_job
INSERT INTO jobs (key, fingerprint, node, kind, state, wanted, set_aside, position, depth, source, source_number, made_of,
                  request, price, paths, row, labels, possible, from_all_images, digest, why)
VALUES (:key, :fingerprint, :node, :kind, 'ready', 0, :set_aside, 0, :depth, :source, :source_number, :made_of,
        :request, :price, :paths, '{}', '{}', 0, 0, -1, '')
RETURNING id;

-- name: insert_attempt
INSERT INTO attempts (job, number, uid, recovered, body, price, money, outcome, evidence, intended, answered, task,
                      finished, urls_at, fail_code)
VALUES (:job, (SELECT count(*) + 1 FROM attempts WHERE job = :job), coalesce(:uid, lower(hex(randomblob(8)))), :recovered,
        :body, :price, :money, :outcome, :evidence, :intended, :answered, :task, :finished, :urls_at, :fail_code)
RETURNING id;

-- name: name_task
UPDATE attempts SET task = :task, outcome = :outcome, money = :money, evidence = :evidence, answered = :answered,
                    finished = :finished, urls_at = :urls_at, fail_code = :fail_code,
                    recovered = coalesce(recovered, :recovered)
WHERE id = :attempt;

-- name: insert_image
INSERT OR REPLACE INTO images (attempt, number, url, path, sha256, size, fetched, checked) VALUES (?, ?, '', ?, ?, ?, ?, ?);

-- name: unsent_twins
SELECT id FROM jobs
WHERE fingerprint = ? AND source IS ? AND attempt IS NULL AND NOT set_aside AND state IN ('ready', 'waiting', 'skipped', 'failed')
  AND NOT EXISTS (SELECT 1 FROM attempts WHERE job = jobs.id);

-- name: what_follows
WITH RECURSIVE those (id, depth) AS (
    SELECT id, depth FROM jobs WHERE id = ?
    UNION
    SELECT j.id, j.depth FROM jobs j JOIN those t ON j.source = t.id
)
SELECT id, EXISTS (SELECT 1 FROM attempts WHERE job = those.id) FROM those ORDER BY depth DESC;
