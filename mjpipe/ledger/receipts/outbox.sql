-- What is to be written into receipts, as pointers to rows. They are of one connection and undone with its transactions;
-- the lines are made from the rows when they are written. Recovered from receipts: nobody has to write it again.

-- name: pointers
-- One row of each attempt, with the time of each of its events that is due, in seconds since the epoch. The first counts.
CREATE TEMP TABLE receipts_due (
    attempt  INTEGER PRIMARY KEY,
    intent   REAL,
    answered REAL,
    ended    REAL,
    placed   REAL,
    aside    REAL
);

-- name: words
-- What is not about an attempt. `words` is a JSON object.
CREATE TEMP TABLE receipt_words_due (event TEXT NOT NULL, words TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (event, words));

-- name: pointers_disagree
CREATE TEMP TRIGGER receipts_disagree AFTER INSERT ON receipts_due BEGIN
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: words_disagree
CREATE TEMP TRIGGER receipt_words_disagree AFTER INSERT ON receipt_words_due BEGIN
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: made
CREATE TEMP TRIGGER receipt_of_attempt AFTER INSERT ON main.attempts WHEN NEW.recovered IS NOT 'receipts' BEGIN
    INSERT INTO receipts_due (attempt, intent, answered, ended)
    VALUES (NEW.id, NEW.intended, iif(NEW.outcome IS NULL, NULL, coalesce(NEW.answered, NEW.intended)), NEW.finished)
    ON CONFLICT (attempt) DO UPDATE SET intent = coalesce(intent, excluded.intent),
        answered = coalesce(answered, excluded.answered), ended = coalesce(ended, excluded.ended);
END;

-- name: answered
-- A person's word comes at no time that the row knows.
CREATE TEMP TRIGGER receipt_of_answer AFTER UPDATE OF outcome, task ON main.attempts
WHEN NEW.outcome IS NOT NULL AND (NEW.outcome IS NOT OLD.outcome OR NEW.task IS NOT OLD.task) BEGIN
    INSERT INTO receipts_due (attempt, answered)
    VALUES (NEW.id, CASE WHEN NEW.answered IS NOT OLD.answered AND NEW.answered IS NOT NULL THEN NEW.answered
                         ELSE (julianday('now') - 2440587.5) * 86400.0 END)
    ON CONFLICT (attempt) DO UPDATE SET answered = coalesce(answered, excluded.answered);
END;

-- name: ended
CREATE TEMP TRIGGER receipt_of_end AFTER UPDATE OF finished ON main.attempts
WHEN NEW.finished IS NOT NULL AND NEW.finished IS NOT OLD.finished BEGIN
    INSERT INTO receipts_due (attempt, ended) VALUES (NEW.id, NEW.finished)
    ON CONFLICT (attempt) DO UPDATE SET ended = coalesce(ended, excluded.ended);
END;

-- name: placed
-- One that was moved has been fetched before: of two lines about its place the later counts.
CREATE TEMP TRIGGER receipt_of_place AFTER UPDATE OF path ON main.images
WHEN NEW.path IS NOT NULL AND NEW.path IS NOT OLD.path BEGIN
    INSERT INTO receipts_due (attempt, placed)
    VALUES (NEW.attempt, CASE WHEN OLD.path IS NULL THEN coalesce(NEW.fetched, 0)
                              ELSE (julianday('now') - 2440587.5) * 86400.0 END)
    ON CONFLICT (attempt) DO UPDATE SET placed = coalesce(placed, excluded.placed);
END;

-- name: found_in_place
CREATE TEMP TRIGGER receipt_of_found_image AFTER INSERT ON main.images WHEN NEW.path IS NOT NULL BEGIN
    INSERT INTO receipts_due (attempt, placed)
    SELECT id, coalesce(NEW.fetched, 0) FROM attempts WHERE id = NEW.attempt AND recovered IS NOT 'receipts'
    ON CONFLICT (attempt) DO UPDATE SET placed = coalesce(placed, excluded.placed);
END;

-- name: set_aside
CREATE TEMP TRIGGER receipt_of_setting_aside AFTER UPDATE OF set_aside ON main.jobs
WHEN NEW.set_aside AND NOT OLD.set_aside BEGIN
    INSERT INTO receipts_due (attempt, aside)
    SELECT id, (julianday('now') - 2440587.5) * 86400.0 FROM attempts WHERE job = NEW.id
    ON CONFLICT (attempt) DO UPDATE SET aside = coalesce(aside, excluded.aside);
END;

-- name: made_aside
-- A row that is inserted as set aside: its attempts follow, whatever they were recovered from, and its receipts do not
-- say so yet.
CREATE TEMP TRIGGER receipt_of_attempt_aside AFTER INSERT ON main.attempts
WHEN (SELECT set_aside FROM jobs WHERE id = NEW.job) BEGIN
    INSERT INTO receipts_due (attempt, aside) VALUES (NEW.id, (julianday('now') - 2440587.5) * 86400.0)
    ON CONFLICT (attempt) DO UPDATE SET aside = coalesce(aside, excluded.aside);
END;

-- name: renamed
CREATE TEMP TRIGGER receipt_of_name AFTER INSERT ON main.bindings WHEN substr(NEW.name, 1, 5) = 'node ' BEGIN
    INSERT OR IGNORE INTO receipt_words_due
    VALUES ('renamed', json_object('node', substr(NEW.name, 6), 'first', NEW.value),
            (julianday('now') - 2440587.5) * 86400.0);
END;

-- name: picked
CREATE TEMP TRIGGER receipt_of_pick AFTER INSERT ON main.picks BEGIN
    INSERT OR IGNORE INTO receipt_words_due
    VALUES ('picked', json_object('key', NEW.key, 'node', NEW.node, 'words', NEW.words, 'task', NEW.task),
            (julianday('now') - 2440587.5) * 86400.0);
END;

-- name: due
SELECT d.attempt, d.intent, d.answered, d.ended, d.placed, d.aside, a.uid, j.node, j.key, j.fingerprint, a.body,
       s.key AS source, t.task AS source_task, j.source_number, j.id AS job, a.price, a.money, a.outcome, a.task, a.fail_code,
       CASE WHEN d.ended IS NOT NULL THEN (SELECT count(*) FROM images WHERE attempt = d.attempt) END AS image_count,
       CASE WHEN d.placed IS NOT NULL
            THEN (SELECT json_group_array(json_object('number', number, 'path', path, 'sha256', sha256, 'size', size))
                  FROM images WHERE attempt = d.attempt AND path IS NOT NULL) END AS images
FROM receipts_due d JOIN attempts a ON a.id = d.attempt JOIN jobs j ON j.id = a.job
LEFT JOIN jobs s ON s.id = j.source LEFT JOIN attempts t ON t.id = coalesce(j.made_of, s.attempt)
ORDER BY d.attempt;

-- name: all_due
INSERT INTO receipts_due
SELECT a.id, a.intended, iif(a.outcome IS NULL, NULL, coalesce(a.answered, a.intended)), a.finished,
       (SELECT max(coalesce(fetched, 0)) FROM images WHERE attempt = a.id AND path IS NOT NULL),
       iif(j.set_aside, a.intended, NULL)
FROM attempts a JOIN jobs j ON j.id = a.job WHERE true
ON CONFLICT (attempt) DO UPDATE SET
    intent = coalesce(intent, excluded.intent), answered = coalesce(answered, excluded.answered),
    ended = coalesce(ended, excluded.ended), placed = coalesce(placed, excluded.placed),
    aside = coalesce(aside, excluded.aside);

-- name: all_words_due
INSERT OR IGNORE INTO receipt_words_due
SELECT 'renamed', json_object('node', substr(name, 6), 'first', value), (julianday('now') - 2440587.5) * 86400.0
FROM bindings WHERE substr(name, 1, 5) = 'node '
UNION ALL SELECT 'picked', json_object('key', key, 'node', node, 'words', words, 'task', task),
                 (julianday('now') - 2440587.5) * 86400.0
FROM picks;
