-- From format 4 to format 5: a name of each attempt for the receipts, results that were recovered or set aside, the
-- holder, and the receipts as they were last seen.

INSERT OR IGNORE INTO bindings VALUES ('name', lower(hex(randomblob(6))));

CREATE TABLE holder (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    token   TEXT NOT NULL,
    host    TEXT NOT NULL,
    boot    TEXT NOT NULL,
    pid     INTEGER NOT NULL,
    started TEXT NOT NULL,
    since   REAL NOT NULL,
    renewed REAL NOT NULL
);

CREATE TABLE receipt_files (
    name     TEXT PRIMARY KEY,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    sha256   TEXT NOT NULL
) WITHOUT ROWID;

ALTER TABLE jobs ADD COLUMN set_aside INTEGER NOT NULL DEFAULT 0;
DROP INDEX jobs_name;
CREATE UNIQUE INDEX jobs_name ON jobs (key, fingerprint, coalesce(source, 0), coalesce(made_of, 0), iif(set_aside, id, 0));
CREATE INDEX jobs_set_aside ON jobs (set_aside) WHERE set_aside;

DROP VIEW succeeded_jobs;
DROP VIEW jobs_with_result;
DROP VIEW tasks_in_flight;
DROP VIEW image_files;
DROP VIEW images_to_fetch;

-- A new column with a random value for each row: the table is made again. The sums in `money` stay, as in 4.sql.
CREATE TABLE new_attempts (
    id        INTEGER PRIMARY KEY,
    job       INTEGER NOT NULL REFERENCES jobs (id),
    number    INTEGER NOT NULL,
    uid       TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(8)))),
    recovered TEXT CHECK (recovered IN ('receipts', 'assets', 'picks', 'state')),
    body      BLOB NOT NULL,
    price     INTEGER,
    money     TEXT NOT NULL CHECK (money IN ('reserved', 'spent', 'at_risk', 'free')),
    outcome   TEXT CHECK (outcome IN ('accepted', 'refused', 'not_accepted', 'gateway_fault', 'unknown', 'adopted',
                                      'not_sent')),
    evidence  TEXT,
    intended  REAL NOT NULL,
    answered  REAL,
    task      TEXT UNIQUE,
    finished  REAL,
    urls_at   REAL,
    fail_code TEXT,
    fail_message TEXT,
    actions   TEXT,
    created   REAL,
    completed REAL,
    ended     REAL AS (coalesce(min(completed, finished), finished)),
    UNIQUE (job, number)
);
INSERT INTO new_attempts (id, job, number, body, price, money, outcome, evidence, intended, answered, task, finished,
                          urls_at, fail_code, fail_message, actions, created, completed)
SELECT id, job, number, body, price, money, outcome, evidence, intended, answered, task, finished,
       urls_at, fail_code, fail_message, actions, created, completed
FROM attempts;
DROP TABLE attempts;
ALTER TABLE new_attempts RENAME TO attempts;
CREATE INDEX attempts_money ON attempts (money) WHERE money <> 'spent';
CREATE INDEX attempts_recovered ON attempts (recovered) WHERE recovered IS NOT NULL;

CREATE TRIGGER attempt_reserves AFTER INSERT ON attempts BEGIN
    UPDATE money SET micros = micros + coalesce(NEW.price, 0), attempts = attempts + 1,
                     unpriced = unpriced + (NEW.price IS NULL)
    WHERE money = NEW.money;
END;

CREATE TRIGGER attempt_moves AFTER UPDATE OF money ON attempts WHEN OLD.money <> NEW.money BEGIN
    UPDATE money SET micros = micros - coalesce(OLD.price, 0), attempts = attempts - 1,
                     unpriced = unpriced - (OLD.price IS NULL)
    WHERE money = OLD.money;
    UPDATE money SET micros = micros + coalesce(NEW.price, 0), attempts = attempts + 1,
                     unpriced = unpriced + (NEW.price IS NULL)
    WHERE money = NEW.money;
END;

CREATE TRIGGER attempts_insert_outdates AFTER INSERT ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER attempts_update_outdates AFTER UPDATE ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER attempts_delete_outdates AFTER DELETE ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;

CREATE VIEW succeeded_jobs AS
SELECT * FROM jobs WHERE state IN ('succeeded', 'done') OR state = 'failed' AND code = 'images_gone';

CREATE VIEW jobs_with_result AS
SELECT *, coalesce(reroll_of, attempt) AS result FROM jobs
WHERE NOT set_aside
  AND (state IN ('succeeded', 'done') OR state = 'failed' AND code = 'images_gone'
       OR reroll_of IS NOT NULL AND state IN ('ready', 'failed'));

CREATE VIEW tasks_in_flight AS
SELECT * FROM attempts WHERE money <> 'spent' AND money = 'reserved' AND task IS NOT NULL;

CREATE VIEW image_files AS
SELECT attempt, number, path, sha256, coalesce(hand_size, size) AS size,
       max(coalesce(checked, 0), CAST((coalesce(fetched, 0) + 2) * 1e9 AS INTEGER)) AS seen, hand_sha256
FROM images WHERE path IS NOT NULL;

CREATE VIEW images_to_fetch AS
SELECT i.attempt, i.number, i.url, a.ended, j.position
FROM images i JOIN attempts a ON a.id = i.attempt JOIN jobs j ON j.id = a.job
WHERE i.path IS NULL AND (j.attempt = a.id AND j.state = 'succeeded'
                          OR (j.attempt <> a.id OR j.state <> 'done') AND i.fetched IS NULL);
