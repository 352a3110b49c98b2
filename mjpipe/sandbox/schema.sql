CREATE TABLE tasks (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    input TEXT NOT NULL,
    mode TEXT NOT NULL,
    configuration TEXT NOT NULL,
    speed TEXT,
    draft INTEGER NOT NULL,
    source_id TEXT,
    source_index INTEGER,
    seed TEXT NOT NULL,
    price_micros INTEGER,
    created INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    images INTEGER NOT NULL,
    flaw TEXT,
    origin TEXT NOT NULL,
    photo TEXT,
    callback_url TEXT,
    callback_tries INTEGER NOT NULL DEFAULT 0,
    callback_settled INTEGER NOT NULL DEFAULT 0
) STRICT;

-- How many tasks are at work is asked at every submission.
CREATE INDEX tasks_completed ON tasks (completed);
CREATE INDEX tasks_callback ON tasks (number) WHERE callback_url IS NOT NULL AND NOT callback_settled;

-- Source images that were fetched from other hosts, by their SHA-256.
CREATE TABLE photos (digest TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;

-- Kept in the transaction that accepts a task, so that asking for the balance costs the same however many there are.
CREATE TABLE account (spent_micros INTEGER NOT NULL) STRICT;
INSERT INTO account VALUES (0);
