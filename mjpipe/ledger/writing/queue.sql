-- The part of the ready jobs that a run is restricted to. Known to one connection alone, and gone with it.

-- name: make_chosen
-- The jobs that the run is restricted to.
CREATE TEMP TABLE chosen (key TEXT, fingerprint TEXT, PRIMARY KEY (key, fingerprint)) WITHOUT ROWID;

-- name: make_part
-- One row of JSON: which part `queue` holds. `choosing` says that only chosen jobs are in it, `stopped` names nodes.
CREATE TEMP TABLE part (words TEXT);

-- name: make_queue
CREATE TEMP TABLE queue (depth INTEGER, position INTEGER, job INTEGER, PRIMARY KEY (depth DESC, position, job))
WITHOUT ROWID;

-- name: make_jobs_in_part
CREATE TEMP VIEW jobs_in_part AS
SELECT depth, position, id FROM main.jobs
WHERE state = 'ready' AND wanted = 1
  AND node NOT IN (SELECT value FROM part, json_each(part.words, '$.stopped'))
  AND (NOT (SELECT json_extract(words, '$.choosing') FROM part)
       OR (key, fingerprint) IN (SELECT key, fingerprint FROM chosen));

-- name: fill
INSERT INTO queue SELECT depth, position, id FROM jobs_in_part;

-- name: watch_changes
-- Once it is filled, whatever changes a job keeps the part; the update of its revision alone does not.
CREATE TEMP TRIGGER IF NOT EXISTS queue_changes AFTER UPDATE ON main.jobs
WHEN NEW.revision = OLD.revision AND (OLD.state = 'ready' OR NEW.state = 'ready') BEGIN
    DELETE FROM queue WHERE depth = OLD.depth AND position = OLD.position AND job = OLD.id;
    INSERT INTO queue SELECT depth, position, id FROM jobs_in_part WHERE id = NEW.id;
END;

-- name: watch_inserts
CREATE TEMP TRIGGER IF NOT EXISTS queue_grows AFTER INSERT ON main.jobs BEGIN
    INSERT INTO queue SELECT depth, position, id FROM jobs_in_part WHERE id = NEW.id;
END;

-- name: watch_deletes
CREATE TEMP TRIGGER IF NOT EXISTS queue_shrinks AFTER DELETE ON main.jobs BEGIN
    DELETE FROM queue WHERE depth = OLD.depth AND position = OLD.position AND job = OLD.id;
END;

-- In what follows {jobs} are all jobs `j`, or those of the part, and {order} is their order. That is an index's, so that
-- the first few cost the same however many there are.

-- name: size
SELECT count(*) FROM {jobs} WHERE j.state = 'ready' AND j.wanted = 1;

-- name: next_due
SELECT min(j.not_before) FROM {jobs}
WHERE j.state = 'ready' AND j.wanted = 1 AND j.not_before > :elapsed AND (j.price IS NOT NULL OR NOT :priced_only);

-- name: first
SELECT j.id, j.key, j.node, j.request, j.price, a.task AS source_task,
       (SELECT url FROM images i WHERE i.attempt = a.id AND i.number = j.source_number) AS source_url,
       (SELECT task FROM attempts r WHERE r.id = j.reroll_of) AS rerolls
FROM {jobs} LEFT JOIN jobs s ON s.id = j.source LEFT JOIN attempts a ON a.id = s.attempt
WHERE j.state = 'ready' AND j.wanted = 1 AND j.not_before <= :elapsed AND (j.price IS NOT NULL OR NOT :priced_only)
  AND NOT {check_first}
ORDER BY {order} LIMIT :limit;

-- name: sources_to_check
SELECT DISTINCT a.id, a.task, s.key, i.number, i.url
FROM (SELECT j.* FROM {jobs} LEFT JOIN jobs s ON s.id = j.source LEFT JOIN attempts a ON a.id = s.attempt
      WHERE j.state = 'ready' AND j.wanted = 1 AND j.not_before <= :elapsed
        AND (j.price IS NOT NULL OR NOT :priced_only) AND {check_first}
      ORDER BY {order} LIMIT :limit) j
JOIN jobs s ON s.id = j.source JOIN attempts a ON a.id = s.attempt
JOIN jobs other ON other.source = s.id AND other.state = 'ready' AND other.wanted = 1
                   AND instr(other.request, :url) AND other.reroll_of IS NULL
JOIN images i ON i.attempt = a.id AND i.number = other.source_number;

-- name: check_first
-- Whether a job sends the URL of an image of `a`, its source's attempt, that has to be checked first: the service gave
-- it, or it was checked, too long ago, or before it expired, or later than now, because the clock was set back.
(instr(j.request, :url) AND j.reroll_of IS NULL
 AND (coalesce(a.urls_at, 0) NOT BETWEEN :as_of - :checked_for AND :as_of
      OR coalesce(a.completed, a.finished) + :lifetime BETWEEN a.urls_at AND :as_of))
