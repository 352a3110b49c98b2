-- The durable record of a campaign. Times are seconds since the epoch, money is whole millionths of a dollar
-- (NULL: the price is not documented), JSON is compact text.

-- A binding `wait_until` says until when the service asked not to be sent submissions, `wait_after` which attempt was
-- the latest then. `begun_plan` is the id of the saved plan that runs carry out, with the micros and the number of
-- unpriced attempts that it allows over the campaign's life.
CREATE TABLE bindings (
    name  TEXT PRIMARY KEY,  -- what the state belongs to (manifest, host), and what is known about it (name, speed_up,
                             -- run_began, wait_until, wait_after, reported, last_reported, outputs, used_at,
                             -- receipts_agree: the receipts say all that is on record,
                             -- sent_by_older: something was sent by a release that wrote format 5 or older,
                             -- `node NAME`: under which name its jobs were first made)
    value TEXT NOT NULL
) WITHOUT ROWID;
-- The id of this state, which nobody else's has: receipts and output folders name it.
INSERT INTO bindings VALUES ('name', lower(hex(randomblob(6))));

-- The process that holds this state, no row while none does.
CREATE TABLE holder (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    token   TEXT NOT NULL,         -- random, of this hold alone: each intent's transaction checks it
    host    TEXT NOT NULL,
    boot    TEXT NOT NULL,         -- id of the boot of that host, empty where it has none
    pid     INTEGER NOT NULL,
    started TEXT NOT NULL,         -- when the process started, as the system says it, empty where it says nothing
    since   REAL NOT NULL,
    renewed REAL NOT NULL
);

-- The files of the receipts folder as this state last left or read them; of its own files, as it last wrote them.
CREATE TABLE receipt_files (
    name     TEXT PRIMARY KEY,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL,     -- nanoseconds since the epoch: while size and time are the same, nobody has to read it
    sha256   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    node        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'unpicked', 'ready', 'submitting', 'submitted', 'succeeded',
                                               'done', 'failed', 'in_doubt', 'skipped')),
    wanted      INTEGER NOT NULL,  -- 0: the manifest no longer asks for it (an orphan, if it was made)
    set_aside   INTEGER NOT NULL DEFAULT 0,  -- 1: a person has said to pay again: no planned job gets this result
    position    INTEGER NOT NULL,  -- in the order of the plan
    depth       INTEGER NOT NULL,
    source      INTEGER REFERENCES jobs (id),
    source_number INTEGER,         -- the image of the source, NULL for the whole task
    take        INTEGER,
    request     TEXT NOT NULL,     -- `input` as it is sent, without the source's taskId
    price       INTEGER,
    paths       TEXT NOT NULL,
    row         TEXT NOT NULL,
    labels      TEXT NOT NULL,
    lead        TEXT,              -- what the labels of its images begin with, NULL where no plan has said it
    possible    INTEGER NOT NULL,  -- how many jobs a person's picks could bring, 0 for a job that is sent
    from_all_images INTEGER NOT NULL,  -- 1: there is no such job when its image does not come
    digest      INTEGER NOT NULL,  -- hash of what a plan may change without a new fingerprint: another one, and the row is written
    why         TEXT NOT NULL,     -- why it is to be made: new, changed prompt, ...
    reason      TEXT,              -- why it failed, was skipped, is in doubt, or cannot be written
    code        TEXT,              -- the same, for machines and for grouping
    failures    INTEGER NOT NULL DEFAULT 0,  -- attempts that count against max_attempts
    not_before  REAL NOT NULL DEFAULT 0,     -- when it may be submitted again, seconds since the run began
    held_since  REAL,              -- since when the service has not been accepting it, likewise
    attempt     INTEGER REFERENCES attempts (id),  -- the attempt that holds, or will hold, its result
    reroll_of   INTEGER REFERENCES attempts (id),  -- what holds its result until the reroll of it that a person asked
                                                   -- for has succeeded, NULL when nobody asked
    made_of     INTEGER REFERENCES attempts (id),  -- its source's attempt that it was made from, NULL until it is sent
    revision    INTEGER NOT NULL DEFAULT 0         -- raised by every change of the row
);
-- A follow-up of another picture is another job, though it may have got the same name and asks for the same.
-- What was set aside takes no name from anybody.
CREATE UNIQUE INDEX jobs_name ON jobs (key, fingerprint, coalesce(source, 0), coalesce(made_of, 0), iif(set_aside, id, 0));
CREATE INDEX jobs_queue ON jobs (state, wanted, depth DESC, position);
CREATE INDEX jobs_source ON jobs (source) WHERE source IS NOT NULL;
CREATE INDEX jobs_fingerprint ON jobs (fingerprint);
CREATE INDEX jobs_rerolled ON jobs (reroll_of) WHERE reroll_of IS NOT NULL;
CREATE INDEX jobs_set_aside ON jobs (set_aside) WHERE set_aside;

CREATE TABLE attempts (
    id        INTEGER PRIMARY KEY,
    job       INTEGER NOT NULL REFERENCES jobs (id),
    number    INTEGER NOT NULL,    -- 1, 2, ... within its job
    uid       TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(8)))),  -- its name in receipts, the same in every state
    recovered TEXT CHECK (recovered IN ('receipts', 'assets', 'picks', 'state')),  -- where it was adopted from after its
                                   -- state was lost, NULL: this state made it
    body      BLOB NOT NULL,       -- the exact bytes that are sent; of a recovered one, what is known of them
    price     INTEGER,
    money     TEXT NOT NULL CHECK (money IN ('reserved', 'spent', 'at_risk', 'free')),
    outcome   TEXT CHECK (outcome IN ('accepted', 'refused', 'not_accepted', 'gateway_fault', 'unknown', 'adopted',
                                      'not_sent')),  -- NULL: no answer yet
    evidence  TEXT,                -- what was seen, when the outcome was not plain
    intended  REAL NOT NULL,
    answered  REAL,
    task      TEXT UNIQUE,
    finished  REAL,
    urls_at   REAL,                -- when the service last gave the URLs of its images, 0: look at them before use
    fail_code TEXT,
    fail_message TEXT,
    actions   TEXT,                -- supported_actions, NULL when the answer had none
    created   REAL,                -- the service's own times
    completed REAL,
    ended     REAL AS (coalesce(min(completed, finished), finished)),  -- no later than it was known here, whatever
                                                                       -- the service's clock says
    UNIQUE (job, number)
);
CREATE INDEX attempts_money ON attempts (money) WHERE money <> 'spent';
CREATE INDEX attempts_recovered ON attempts (recovered) WHERE recovered IS NOT NULL;

CREATE TABLE images (
    attempt INTEGER NOT NULL REFERENCES attempts (id),
    number  INTEGER NOT NULL,      -- 0-based, as in the API
    url     TEXT NOT NULL,
    path    TEXT,                  -- relative to outputs.dir, NULL until it is there
    sha256  TEXT,
    size    INTEGER,
    fetched REAL,                  -- without a path: its file has been pruned, or cannot be fetched
    checked INTEGER,               -- time of its file, in nanoseconds since the epoch, up to which its content was
                                   -- checked; NULL: not since it was fetched
    hand_sha256 TEXT,              -- of its file as somebody has changed it, NULL: it is as it came
    hand_size INTEGER,             -- likewise
    width   INTEGER,               -- of its file as it is, in pixels, NULL where nobody has looked
    height  INTEGER,               -- likewise
    media_type TEXT,               -- likewise: image/png, ...
    PRIMARY KEY (attempt, number)
) WITHOUT ROWID;

CREATE INDEX images_missing ON images (attempt) WHERE path IS NULL;

-- Which task a line of the picks file is about. For a line that names none: the task that its job had when the line was
-- first read. For a line that names its task: that its key was one of that job's then; it stays valid under other keys.
CREATE TABLE picks (
    key   TEXT NOT NULL,
    node  TEXT NOT NULL,           -- the consumer, empty for all, and for a line that names its task
    words TEXT NOT NULL,           -- the decision and its images, or the task that the line names
    task  TEXT NOT NULL,
    PRIMARY KEY (key, node, words)
) WITHOUT ROWID;

-- Sums of attempts by price, known or not, kept by triggers so that a budget is checked in the transaction
-- that reserves, at the same cost for the first job and for the millionth.
CREATE TABLE money (
    money    TEXT PRIMARY KEY,
    micros   INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    unpriced INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT INTO money (money) VALUES ('reserved'), ('spent'), ('at_risk'), ('free');

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

-- A replan reads beside the writer and applies a change only to a row that is still as it was read.
-- The update of the revision itself is not a change. A change of the row also outdates the reports, as below.
CREATE TRIGGER jobs_update_revises AFTER UPDATE ON jobs WHEN NEW.revision = OLD.revision BEGIN
    UPDATE jobs SET revision = revision + 1 WHERE id = NEW.id;
    DELETE FROM bindings WHERE name = 'reported';
END;

-- A change outdates the reports on disk, in the same transaction.
CREATE TRIGGER jobs_insert_outdates AFTER INSERT ON jobs BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER jobs_delete_outdates AFTER DELETE ON jobs BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER attempts_insert_outdates AFTER INSERT ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER attempts_update_outdates AFTER UPDATE ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER attempts_delete_outdates AFTER DELETE ON attempts BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER images_insert_outdates AFTER INSERT ON images BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER images_update_outdates AFTER UPDATE ON images BEGIN DELETE FROM bindings WHERE name = 'reported'; END;
CREATE TRIGGER images_delete_outdates AFTER DELETE ON images BEGIN DELETE FROM bindings WHERE name = 'reported'; END;

-- Jobs whose own task has succeeded: `has_result` in `mjpipe.domain`.
CREATE VIEW succeeded_jobs AS
SELECT * FROM jobs WHERE state IN ('succeeded', 'done') OR state = 'failed' AND code = 'images_gone';

-- Jobs that have a result, and the attempt that holds it. One that is to be rerolled keeps its result until the reroll is
-- under way. What was set aside is nobody's result.
CREATE VIEW jobs_with_result AS
SELECT *, coalesce(reroll_of, attempt) AS result FROM jobs
WHERE NOT set_aside
  AND (state IN ('succeeded', 'done') OR state = 'failed' AND code = 'images_gone'
       OR reroll_of IS NOT NULL AND state IN ('ready', 'failed'));

-- Attempts that became tasks and have not ended, as far as is known. The first term is what the index holds.
CREATE VIEW tasks_in_flight AS
SELECT * FROM attempts WHERE money <> 'spent' AND money = 'reserved' AND task IS NOT NULL;

-- Images on disk, as their files were last seen. `seen` is the time, in nanoseconds since the epoch, up to which the
-- content is known. What was written within two seconds after it was fetched is ours: some file systems know no finer
-- times.
CREATE VIEW image_files AS
SELECT attempt, number, path, sha256, coalesce(hand_size, size) AS size,
       max(coalesce(checked, 0), CAST((coalesce(fetched, 0) + 2) * 1e9 AS INTEGER)) AS seen, hand_sha256
FROM images WHERE path IS NOT NULL;

-- Images that are, or may be, at the service alone, orphans' and extras' too. Those beside a job's present result are
-- fetched once: when their files are gone, they stay so.
CREATE VIEW images_to_fetch AS
SELECT i.attempt, i.number, i.url, a.ended, j.position
FROM images i JOIN attempts a ON a.id = i.attempt JOIN jobs j ON j.id = a.job
WHERE i.path IS NULL AND (j.attempt = a.id AND j.state = 'succeeded'
                          OR (j.attempt <> a.id OR j.state <> 'done') AND i.fetched IS NULL);
