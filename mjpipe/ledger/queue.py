"""The queue: which jobs are submitted next, of all that are ready, or of the part that a run is restricted to."""

import json
import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from mjpipe.contract import RESULT_URL_LIFETIME
from mjpipe.domain import Job, JobKey, TaskId
from mjpipe.ledger.database import transaction
from mjpipe.ledger.values import SENDS_URL

URLS_CHECKED_FOR = 3600.0
"""Seconds for which the URL of a source image is taken to be good after the service has named it, within its day."""

_CHOSEN = "CREATE TEMP TABLE chosen (key TEXT, fingerprint TEXT, PRIMARY KEY (key, fingerprint)) WITHOUT ROWID"
_WORDS = "CREATE TEMP TABLE part (words TEXT)"
_QUEUE = """
CREATE TEMP TABLE queue (depth INTEGER, position INTEGER, job INTEGER, PRIMARY KEY (depth DESC, position, job))
WITHOUT ROWID
"""
"""The jobs that a run is restricted to, the words that say which part of the ready ones `queue` is, and that part in
its order. Known to one connection alone, and gone with it.
"""

_IN_PART = """
{0}.state = 'ready' AND {0}.wanted = 1
AND {0}.node NOT IN (SELECT value FROM part, json_each(part.words, '$.stopped'))
AND (NOT (SELECT json_extract(words, '$.choosing') FROM part)
     OR ({0}.key, {0}.fingerprint) IN (SELECT key, fingerprint FROM chosen))
"""

_FORGET = "DELETE FROM queue WHERE depth = OLD.depth AND position = OLD.position AND job = OLD.id;"
_NOTE = f"INSERT INTO queue SELECT NEW.depth, NEW.position, NEW.id WHERE {_IN_PART.format('NEW')};"

_FILL = f"INSERT INTO queue SELECT depth, position, id FROM jobs WHERE {_IN_PART.format('jobs')}"  # noqa: S608 - our own words
_CHANGES = f"""
CREATE TEMP TRIGGER IF NOT EXISTS queue_changes AFTER UPDATE ON main.jobs
WHEN NEW.revision = OLD.revision AND (OLD.state = 'ready' OR NEW.state = 'ready') BEGIN {_FORGET} {_NOTE} END
"""
_GROWS = f"CREATE TEMP TRIGGER IF NOT EXISTS queue_grows AFTER INSERT ON main.jobs BEGIN {_NOTE} END"
_SHRINKS = f"CREATE TEMP TRIGGER IF NOT EXISTS queue_shrinks AFTER DELETE ON main.jobs BEGIN {_FORGET} END"
"""Once it is filled, whatever changes a job keeps the part; the update of its revision alone does not."""

_ALL, _PART = "jobs j", "queue q CROSS JOIN jobs j ON j.id = q.job"
_DUE = "j.state = 'ready' AND j.wanted = 1 AND j.not_before <= :elapsed"
_ORDER = {_ALL: "j.depth DESC, j.position", _PART: "q.depth DESC, q.position"}
"""By an index, so that the first few cost the same however many there are."""

_CHECK_SOURCE = f"""
(instr(j.request, :url) AND j.reroll_of IS NULL
 AND (coalesce(a.urls_at, 0) NOT BETWEEN :as_of - {URLS_CHECKED_FOR} AND :as_of
      OR coalesce(a.completed, a.finished) + {RESULT_URL_LIFETIME} BETWEEN a.urls_at AND :as_of))
"""
"""Whether a job sends the URL of an image of `a`, its source's attempt, that has to be looked at first: it was named by
the service, or looked at, too long ago, before it expired, or later than now, by a clock that was set back since.
"""


class Queue:
    """Ready jobs that are wanted, deepest first and then in the order of the plan.

    Once jobs have been chosen, only those. `stopped` are nodes whose jobs are left out; what is due later than
    `elapsed`, in seconds since the run began, has to wait.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._choosing = False
        for statement in (_CHOSEN, _WORDS, _QUEUE):
            connection.execute(statement)

    def choose(self, jobs: Iterable[Job]) -> None:
        """From now on and for as long as this ledger is open, only jobs that were chosen are submitted."""
        self._choosing = True
        self._connection.executemany(
            "INSERT OR IGNORE INTO chosen VALUES (?, ?)", ((job.key, job.fingerprint) for job in jobs)
        )

    def size(self) -> int:
        """How many there are, also of stopped nodes, and those that have to wait."""
        source = self._source(())
        query = f"SELECT count(*) FROM {source} WHERE j.state = 'ready' AND j.wanted = 1"  # noqa: S608 - our own words
        return int(self._connection.execute(query).fetchone()[0])

    def first(
        self, limit: int, elapsed: float, *, as_of: float, priced_only: bool, stopped: Collection[str]
    ) -> list[tuple[Any, ...]]:
        """Without those whose sources have to be looked at first. Of each: id, key, node, request, price, task and
        image URL of its source, task that it rerolls.
        """
        source = self._source(stopped)
        query = f"""
            SELECT j.id, j.key, j.node, j.request, j.price, a.task,
                   (SELECT url FROM images i WHERE i.attempt = a.id AND i.number = j.source_number),
                   (SELECT task FROM attempts r WHERE r.id = j.reroll_of)
            FROM {source} LEFT JOIN jobs s ON s.id = j.source LEFT JOIN attempts a ON a.id = s.attempt
            WHERE {_DUE} AND (j.price IS NOT NULL OR NOT :priced_only) AND NOT {_CHECK_SOURCE}
            ORDER BY {_ORDER[source]} LIMIT :limit
        """  # noqa: S608 - our own words
        values = {"elapsed": elapsed, "priced_only": priced_only, "limit": limit, "as_of": as_of, "url": SENDS_URL}
        return self._connection.execute(query, values).fetchall()

    def next_due(self, elapsed: float, *, priced_only: bool, stopped: Collection[str]) -> float | None:
        """When the next of those that have to wait is due, None without any."""
        query = (
            f"SELECT min(j.not_before) FROM {self._source(stopped)}"  # noqa: S608 - our own words
            " WHERE j.state = 'ready' AND j.wanted = 1 AND j.not_before > ? AND (j.price IS NOT NULL OR ?)"
        )
        (moment,) = self._connection.execute(query, (elapsed, not priced_only)).fetchone()
        return None if moment is None else float(moment)

    def sources_to_check(
        self, limit: int, elapsed: float, *, as_of: float, priced_only: bool, stopped: Collection[str]
    ) -> list[tuple[int, TaskId, JobKey, int, str]]:
        """The images of the sources of the first jobs that have to wait for a look at them, as far as jobs send these:
        of each the attempt that made it, the task and the key of that, its number and its URL.
        """
        source = self._source(stopped)
        query = f"""
            SELECT DISTINCT a.id, a.task, s.key, i.number, i.url
            FROM (SELECT j.* FROM {source} LEFT JOIN jobs s ON s.id = j.source LEFT JOIN attempts a ON a.id = s.attempt
                  WHERE {_DUE} AND (j.price IS NOT NULL OR NOT :priced_only) AND {_CHECK_SOURCE}
                  ORDER BY {_ORDER[source]} LIMIT :limit) j
            JOIN jobs s ON s.id = j.source JOIN attempts a ON a.id = s.attempt
            JOIN jobs other ON other.source = s.id AND other.state = 'ready' AND other.wanted = 1
                               AND instr(other.request, :url) AND other.reroll_of IS NULL
            JOIN images i ON i.attempt = a.id AND i.number = other.source_number
        """  # noqa: S608 - our own words
        values = {"elapsed": elapsed, "priced_only": priced_only, "limit": limit, "as_of": as_of, "url": SENDS_URL}
        return [
            (a, TaskId(task), JobKey(key), n, url) for a, task, key, n, url in self._connection.execute(query, values)
        ]

    def _source(self, stopped: Collection[str]) -> str:
        """What to read from: all jobs, or the part, which is made when it is asked for the first time."""
        if not (self._choosing or stopped):
            return _ALL
        words = json.dumps({"choosing": self._choosing, "stopped": sorted(stopped)})
        with transaction(self._connection):
            if self._connection.execute("SELECT words FROM part").fetchall() != [(words,)]:
                self._connection.execute("DELETE FROM part")
                self._connection.execute("INSERT INTO part VALUES (?)", (words,))
                for statement in ("DELETE FROM queue", _FILL, _CHANGES, _GROWS, _SHRINKS):
                    self._connection.execute(statement)
        return _PART
