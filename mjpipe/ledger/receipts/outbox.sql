-- What is to be written into receipts, as pointers to rows. They are of one connection and undone with its transactions;
-- the lines are made from the rows when they are written. Recovered from receipts: nobody has to write it again.

-- name: pointers
-- `event` is its place in EVENTS. `at` in seconds since the epoch.
CREATE TEMP TABLE receipts_due (
    attempt INTEGER NOT NULL,
    event   INTEGER NOT NULL,
    at      REAL NOT NULL,
    PRIMARY KEY (attempt, event)
) WITHOUT ROWID;

-- name: words
-- What is not about an attempt. `words` is a JSON object.
CREATE TEMP TABLE receipt_words_due (event TEXT NOT NULL, words TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (event, words));

-- name: made
CREATE TEMP TRIGGER receipt_of_attempt AFTER INSERT ON main.attempts WHEN NEW.recovered IS NOT 'receipts' BEGIN
    INSERT OR IGNORE INTO receipts_due VALUES (NEW.id, 0, NEW.intended);
    INSERT OR IGNORE INTO receipts_due
    SELECT NEW.id, 1, coalesce(NEW.answered, NEW.intended) WHERE NEW.outcome IS NOT NULL;
    INSERT OR IGNORE INTO receipts_due SELECT NEW.id, 2, NEW.finished WHERE NEW.finished IS NOT NULL;
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: answered
-- A person's word comes at no time that the row knows.
CREATE TEMP TRIGGER receipt_of_answer AFTER UPDATE OF outcome, task ON main.attempts
WHEN NEW.outcome IS NOT NULL AND (NEW.outcome IS NOT OLD.outcome OR NEW.task IS NOT OLD.task) BEGIN
    INSERT OR IGNORE INTO receipts_due
    VALUES (NEW.id, 1, CASE WHEN NEW.answered IS NOT OLD.answered AND NEW.answered IS NOT NULL THEN NEW.answered
                            ELSE (julianday('now') - 2440587.5) * 86400.0 END);
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: ended
CREATE TEMP TRIGGER receipt_of_end AFTER UPDATE OF finished ON main.attempts
WHEN NEW.finished IS NOT NULL AND NEW.finished IS NOT OLD.finished BEGIN
    INSERT OR IGNORE INTO receipts_due VALUES (NEW.id, 2, NEW.finished);
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: placed
-- One that was moved has been fetched before: of two lines about its place the later counts.
CREATE TEMP TRIGGER receipt_of_place AFTER UPDATE OF path ON main.images
WHEN NEW.path IS NOT NULL AND NEW.path IS NOT OLD.path BEGIN
    INSERT OR IGNORE INTO receipts_due VALUES (NEW.attempt, 3, CASE WHEN OLD.path IS NULL THEN coalesce(NEW.fetched, 0)
                                                                    ELSE (julianday('now') - 2440587.5) * 86400.0 END);
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: found_in_place
CREATE TEMP TRIGGER receipt_of_found_image AFTER INSERT ON main.images WHEN NEW.path IS NOT NULL BEGIN
    INSERT OR IGNORE INTO receipts_due
    SELECT id, 3, coalesce(NEW.fetched, 0) FROM attempts WHERE id = NEW.attempt AND recovered IS NOT 'receipts';
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: set_aside
CREATE TEMP TRIGGER receipt_of_setting_aside AFTER UPDATE OF set_aside ON main.jobs
WHEN NEW.set_aside AND NOT OLD.set_aside BEGIN
    INSERT OR IGNORE INTO receipts_due
    SELECT id, 4, (julianday('now') - 2440587.5) * 86400.0 FROM attempts WHERE job = NEW.id;
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: made_aside
-- A row that is inserted as set aside: its attempts follow, whatever they were recovered from, and its receipts do not
-- say so yet.
CREATE TEMP TRIGGER receipt_of_attempt_aside AFTER INSERT ON main.attempts
WHEN (SELECT set_aside FROM jobs WHERE id = NEW.job) BEGIN
    INSERT OR IGNORE INTO receipts_due VALUES (NEW.id, 4, (julianday('now') - 2440587.5) * 86400.0);
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: renamed
CREATE TEMP TRIGGER receipt_of_name AFTER INSERT ON main.bindings WHEN substr(NEW.name, 1, 5) = 'node ' BEGIN
    INSERT OR IGNORE INTO receipt_words_due
    VALUES ('renamed', json_object('node', substr(NEW.name, 6), 'first', NEW.value),
            (julianday('now') - 2440587.5) * 86400.0);
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: picked
CREATE TEMP TRIGGER receipt_of_pick AFTER INSERT ON main.picks BEGIN
    INSERT OR IGNORE INTO receipt_words_due
    VALUES ('picked', json_object('key', NEW.key, 'node', NEW.node, 'words', NEW.words, 'task', NEW.task),
            (julianday('now') - 2440587.5) * 86400.0);
    DELETE FROM bindings WHERE name = 'receipts_agree';
END;

-- name: due
SELECT d.attempt, d.event, d.at, a.uid, j.node, j.key, j.fingerprint, a.body, s.key AS source, t.task AS source_task,
       j.source_number, j.id AS job, a.price, a.money, a.outcome, a.task, a.fail_code,
       CASE d.event WHEN 2 THEN (SELECT count(*) FROM images WHERE attempt = d.attempt)
                    WHEN 3 THEN (SELECT json_group_array(json_object('number', number, 'path', path, 'sha256', sha256,
                                                                     'size', size))
                                 FROM images WHERE attempt = d.attempt AND path IS NOT NULL) END AS images
FROM receipts_due d JOIN attempts a ON a.id = d.attempt JOIN jobs j ON j.id = a.job
LEFT JOIN jobs s ON s.id = j.source LEFT JOIN attempts t ON t.id = coalesce(j.made_of, s.attempt)
ORDER BY d.attempt, d.event;

-- name: all_due
INSERT OR IGNORE INTO receipts_due
SELECT id, 0, intended FROM attempts
UNION ALL SELECT id, 1, coalesce(answered, intended) FROM attempts WHERE outcome IS NOT NULL
UNION ALL SELECT id, 2, finished FROM attempts WHERE finished IS NOT NULL
UNION ALL SELECT attempt, 3, coalesce(max(fetched), 0) FROM images WHERE path IS NOT NULL GROUP BY attempt
UNION ALL SELECT a.id, 4, a.intended FROM attempts a JOIN jobs j ON j.id = a.job WHERE j.set_aside;

-- name: all_words_due
INSERT OR IGNORE INTO receipt_words_due
SELECT 'renamed', json_object('node', substr(name, 6), 'first', value), (julianday('now') - 2440587.5) * 86400.0
FROM bindings WHERE substr(name, 1, 5) = 'node '
UNION ALL SELECT 'picked', json_object('key', key, 'node', node, 'words', words, 'task', task),
                 (julianday('now') - 2440587.5) * 86400.0
FROM picks;
