"""What the ledger knows: reading, for runs, plans and reports alike."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager

from mjpipe.domain import (
    Fingerprint,
    Job,
    JobKey,
    JobState,
    Money,
    TaskId,
    from_micros,
)
from mjpipe.ledger.adoption import Takeovers, Walk, standings, takeovers
from mjpipe.ledger.connection import LedgerConnection
from mjpipe.ledger.database import damage_explains_faults
from mjpipe.ledger.offers import Result, result_of
from mjpipe.ledger.rerolls import HOLDS_RESULT, MADE
from mjpipe.ledger.values import SENDS_URL, Balance, Follower, ImageOnDisk, ImageToFetch, InFlight, ToFetch

_FILE = """coalesce(i.hand_size, i.size),
       max(coalesce(i.checked, 0), cast((coalesce(i.fetched, 0) + 2) * 1e9 AS INTEGER)), i.hand_sha256"""
"""Of the file of an image `i`: its size, up to when its content is known, and its hash when somebody has changed it.

What was written within two seconds after it was fetched counts as ours: some file systems know no finer times.
"""

_LEFT_OVER = f"""
WITH beside (attempt, job, paths, position) AS (
    SELECT a.id, j.id, j.paths, j.position FROM jobs j JOIN attempts a ON a.job = j.id WHERE j.wanted = 0
    UNION ALL
    SELECT a.id, j.id, j.paths, j.position
    FROM (SELECT DISTINCT job FROM attempts WHERE number > 1) several
    JOIN jobs j ON j.id = several.job AND j.wanted = 1
    JOIN attempts a ON a.job = j.id AND a.id <> coalesce(j.reroll_of, j.attempt)
)
SELECT b.job, i.attempt, i.number, i.path, i.sha256, b.paths, {_FILE} FROM beside b JOIN images i ON i.attempt = b.attempt
WHERE i.path IS NOT NULL AND (?1 IS NULL OR i.path IN (SELECT value FROM json_each(?1)))
ORDER BY b.position, i.attempt, i.number
"""  # noqa: E501, S608

_TO_FETCH = """
FROM images i JOIN attempts a ON a.id = i.attempt JOIN jobs j ON j.id = a.job
WHERE i.path IS NULL AND (j.attempt = a.id AND j.state = 'succeeded'
                          OR (j.attempt <> a.id OR j.state <> 'done') AND i.fetched IS NULL)
"""

_ENDED = "coalesce(min(a.completed, a.finished), a.finished)"
"""When the task of an attempt `a` ended: no later than it was known here, whatever the service's clock says."""

_TASK_OF = f"""
SELECT a.task FROM jobs j JOIN attempts a ON a.id = coalesce(j.reroll_of, j.attempt)
WHERE j.key = ? AND j.fingerprint = ? AND j.made_of IS (SELECT id FROM attempts WHERE task = ?) AND {HOLDS_RESULT}
ORDER BY j.wanted DESC, j.id DESC LIMIT 1
"""  # noqa: S608 - our own words


class Reader:
    """Reads through a connection that may or may not be allowed to write."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def damage_explains_faults(self) -> AbstractContextManager[None]:
        """Values that no mjpipe writes are a StateFault inside, when the file is damaged."""
        return damage_explains_faults(self._connection)

    def standings(self, jobs: Iterable[Job]) -> Walk:
        """What `adopt` would give, writing nothing."""
        return standings(self._connection, jobs)

    def in_flight(self) -> list[InFlight]:
        """Tasks whose end is not known, orphans' and extras too, the oldest first."""
        return [
            InFlight(
                job=row[0],
                attempt=row[1],
                key=JobKey(row[2]),
                node=row[3],
                request=json.loads(row[4])["input"],
                task=TaskId(row[5]),
                accepted=row[6],
                extra=bool(row[7]),
                adopted=bool(row[8]),
            )
            for row in self._connection.execute(
                "SELECT j.id, a.id, j.key, j.node, a.body, a.task, a.answered, a.id IS NOT j.attempt,"
                " a.outcome = 'adopted'"
                " FROM attempts a JOIN jobs j ON j.id = a.job"
                # The first term is what the index holds.
                " WHERE a.money <> 'spent' AND a.money = 'reserved' AND a.task IS NOT NULL ORDER BY a.answered"
            )
        ]

    def to_fetch(self) -> list[int]:
        """Attempts whose images are not all on disk, orphans' and extras too, in the order of the plan.

        Images beside a job's present result are fetched once: when their files are gone, they stay so.
        """
        query = f"SELECT DISTINCT a.id, j.position {_TO_FETCH} ORDER BY j.position, a.id"
        rows = self._connection.execute(query)
        return [row[0] for row in rows]

    def waiting_since(self) -> list[float]:
        """Of each task whose images are, or may be, at the service alone, since when: the oldest first, in seconds
        since the epoch. For a task whose end is not known that is when it was accepted.
        """
        rows = self._connection.execute(
            f"SELECT {_ENDED} FROM attempts a WHERE a.id IN (SELECT a.id {_TO_FETCH})"  # noqa: S608 - our own words
            " UNION ALL SELECT answered FROM attempts"
            # The first term is what the index holds.
            " WHERE money <> 'spent' AND money = 'reserved' AND task IS NOT NULL ORDER BY 1"
        )
        return [float(since) for (since,) in rows]

    def to_fetch_of(self, attempt: int) -> ToFetch:
        """What there is to fetch for one attempt."""
        row = self._connection.execute(
            "SELECT j.id, j.key, j.node, a.task, j.paths,"  # noqa: S608 - our own words
            " j.wanted AND j.attempt = a.id AND j.state = 'succeeded', j.attempt = a.id AND j.state = 'succeeded',"
            f" a.number, {_ENDED}"
            " FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.id = ?",
            (attempt,),
        ).fetchone()
        images = self._connection.execute(
            "SELECT number, url FROM images WHERE attempt = ? AND path IS NULL ORDER BY number", (attempt,)
        )
        return ToFetch(
            job=row[0],
            attempt=attempt,
            key=JobKey(row[1]),
            node=row[2],
            task=TaskId(row[3]),
            wanted=bool(row[5]),
            extra=not row[6],
            again=row[7] > 1,
            ended=row[8],
            paths=tuple(json.loads(row[4])),
            images=tuple(ImageToFetch(number=number, url=url) for number, url in images),
        )

    def images_on_disk(
        self, which: Callable[[str, int, Sequence[str], int, int], bool] = lambda *_: True
    ) -> Iterator[ImageOnDisk]:
        """The images that wanted jobs have for their results, in the order of the plan: also where others did not
        come, and what a reroll shall replace.

        With those of `images_left_over` these are all that are on disk by the record. Only those for which `which` is
        true of the path, the number, the job's planned paths, and `size` and `seen` as in `ImageOnDisk`: to have a
        value made of each takes longer than to read them.
        """
        return self._images(
            f"SELECT j.id, i.attempt, i.number, i.path, i.sha256, j.paths, {_FILE}"  # noqa: S608 - our own words
            " FROM jobs j JOIN images i ON i.attempt = coalesce(j.reroll_of, j.attempt)"
            " WHERE j.wanted = 1 AND i.path IS NOT NULL ORDER BY j.position, i.number",
            which=which,
        )

    def images_left_over(self, paths: Iterable[str] | None = None) -> Iterator[ImageOnDisk]:
        """The images on disk that no wanted job has for its result: those of orphans and of extras.

        What a reroll shall replace is its job's result until then. With `paths`, only those that lie there.
        """
        return self._images(_LEFT_OVER, None if paths is None else json.dumps([*paths]))

    def _images(
        self,
        query: str,
        *values: str | None,
        which: Callable[[str, int, Sequence[str], int, int], bool] = lambda *_: True,
    ) -> Iterator[ImageOnDisk]:
        planned_of, planned = "", ()
        for job, attempt, number, path, sha256, paths, size, seen, hand in self._connection.execute(query, values):
            if paths != planned_of:
                planned_of, planned = paths, tuple(json.loads(paths))
            if which(path, number, planned, size, seen):
                yield ImageOnDisk(
                    job=job,
                    attempt=attempt,
                    number=number,
                    path=path,
                    sha256=sha256,
                    planned=planned,
                    size=size,
                    seen=seen,
                    hand_sha256=hand,
                )

    def planned_paths(self) -> Iterator[str]:
        """The paths of all images that the manifest asks for, in the order of the plan."""
        for (paths,) in self._connection.execute("SELECT paths FROM jobs WHERE wanted = 1 ORDER BY position"):
            yield from json.loads(paths)

    def sends_urls_of_sources(self) -> bool:
        """Whether some wanted job sends the URL of an image that another job made."""
        query = "SELECT 1 FROM jobs WHERE wanted = 1 AND source IS NOT NULL AND instr(request, ?) LIMIT 1"
        return self._connection.execute(query, (SENDS_URL,)).fetchone() is not None

    def followers(self, source: int) -> list[Follower]:
        """The wanted jobs that wait for this one."""
        return [
            Follower(
                job=row[0],
                key=JobKey(row[1]),
                node=row[2],
                request=json.loads(row[3]),
                number=row[4],
                from_all_images=bool(row[5]),
            )
            for row in self._connection.execute(
                # Left to itself SQLite goes through all jobs that wait, for each source again.
                "SELECT id, key, node, request, source_number, from_all_images FROM jobs INDEXED BY jobs_source"
                " WHERE source = ? AND state = 'waiting' AND wanted = 1 ORDER BY position",
                (source,),
            )
        ]

    def sources_of_waiting(self) -> list[int]:
        """Jobs that have succeeded and that others still wait for (a new plan put them there)."""
        rows = self._connection.execute(
            "SELECT DISTINCT j.id FROM jobs w JOIN jobs j ON j.id = w.source"  # noqa: S608 - our own words
            f" WHERE w.state = 'waiting' AND w.wanted = 1 AND {MADE}"
        )
        return [job for (job,) in rows]

    def rerolls_to_send(self) -> list[tuple[int, str, Result]]:
        """Wanted jobs whose rerolls were asked for and not sent, with their nodes, and what is to be rerolled."""
        rows = self._connection.execute(
            "SELECT id, node, reroll_of FROM jobs"
            " WHERE reroll_of IS NOT NULL AND attempt = reroll_of AND state = 'ready' AND wanted = 1"
        ).fetchall()
        return [(job, node, result_of(self._connection, attempt)) for job, node, attempt in rows]

    def result_of(self, job: int) -> Result:
        """What came of a job that has succeeded."""
        (attempt,) = self._connection.execute("SELECT attempt FROM jobs WHERE id = ?", (job,)).fetchone()
        return result_of(self._connection, attempt)

    def task_of(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None = None) -> TaskId | None:
        """The task that holds a job's result, None while it has none. `of` is that of the source which it was made of.

        What is to be rerolled has its result still; when the reroll is under way, it has none.
        """
        row = self._connection.execute(_TASK_OF, (key, fingerprint, of)).fetchone()
        return None if row is None else TaskId(row[0])

    def has_result(self, fingerprint: Fingerprint) -> bool:
        """Whether some job with that fingerprint has a result."""
        query = f"SELECT 1 FROM jobs j WHERE fingerprint = ? AND {HOLDS_RESULT} LIMIT 1"  # noqa: S608 - our own words
        return self._connection.execute(query, (fingerprint,)).fetchone() is not None

    def takeovers(self, plan: Callable[[Takeovers], Iterable[Job]]) -> Takeovers:
        """The results that planned jobs will take over from other keys, writing nothing; `plan` gives the jobs from
        what is known of these.
        """
        return takeovers(self._connection, plan)

    def first_to_pick(self) -> JobKey | None:
        """The first job in the plan whose images wait for a person's choice, None when none do."""
        row = self._connection.execute(
            "SELECT j.key FROM jobs u JOIN jobs j ON j.id = u.source"  # noqa: S608 - our own words
            f" WHERE u.state = 'unpicked' AND u.wanted = 1 AND {MADE}"
            " ORDER BY u.position LIMIT 1"
        ).fetchone()
        return None if row is None else JobKey(row[0])

    def presented_by(self, task: TaskId) -> JobKey | None:
        """The wanted job of which a person would decide about the images of that task now, None without any.

        What a reroll shall replace is that until the reroll has succeeded.
        """
        row = self._connection.execute(
            "SELECT j.key FROM attempts a"  # noqa: S608 - our own words
            " JOIN jobs j ON j.id = a.job AND a.id = coalesce(j.reroll_of, j.attempt)"
            f" WHERE a.task = ? AND j.wanted = 1 AND ({MADE} OR j.reroll_of IS NOT NULL)",
            (task,),
        ).fetchone()
        return None if row is None else JobKey(row[0])

    def key_of(self, task: TaskId) -> JobKey | None:
        """The key of the job that a task was made for, None for a task that is not on record."""
        row = self._connection.execute(
            "SELECT j.key FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.task = ?", (task,)
        ).fetchone()
        return None if row is None else JobKey(row[0])

    def unknown_tasks(self, tasks: Collection[TaskId]) -> frozenset[TaskId]:
        """Those of which no attempt is on record."""
        rows = self._connection.execute(
            "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE task = value)",
            (json.dumps([*tasks]),),
        )
        return frozenset(TaskId(task) for (task,) in rows)

    def fingerprints_of(self, tasks: Iterable[TaskId]) -> frozenset[Fingerprint]:
        """Those of the jobs that tasks were made for."""
        rows = self._connection.execute(
            "SELECT DISTINCT j.fingerprint FROM attempts a JOIN jobs j ON j.id = a.job"
            " WHERE a.task IN (SELECT value FROM json_each(?))",
            (json.dumps([*tasks]),),
        )
        return frozenset(Fingerprint(fingerprint) for (fingerprint,) in rows)

    def came(self, task: TaskId) -> tuple[int, ...]:
        """The numbers of the images that came of a task."""
        numbers = self._connection.execute(
            "SELECT number FROM images WHERE attempt = (SELECT id FROM attempts WHERE task = ?) ORDER BY number",
            (task,),
        )
        return tuple(number for (number,) in numbers)

    def picks_bound(self) -> dict[tuple[JobKey, str, str], TaskId]:
        """The tasks that lines of the picks file were bound to, as `bind_pick` recorded them."""
        return {
            (JobKey(key), node, words): TaskId(task)
            for key, node, words, task in self._connection.execute("SELECT key, node, words, task FROM picks")
        }

    def held_since(self, job: int) -> float | None:
        """Since when the service has not been accepting the job, in seconds since the run began; None while it has
        not declined it.
        """
        row = self._connection.execute("SELECT held_since FROM jobs WHERE id = ?", (job,)).fetchone()
        return None if row[0] is None else float(row[0])

    def failures(self, job: int) -> int:
        """How many attempts of the job count against max_attempts."""
        return int(self._connection.execute("SELECT failures FROM jobs WHERE id = ?", (job,)).fetchone()[0])

    def balance(self) -> Balance:
        sums = {
            row[0]: row[1:] for row in self._connection.execute("SELECT money, micros, unpriced FROM money").fetchall()
        }
        return Balance(
            spent=from_micros(sums[Money.SPENT][0]),
            reserved=from_micros(sums[Money.RESERVED][0]),
            at_risk=from_micros(sums[Money.AT_RISK][0]),
            unpriced=sum(sums[money][1] for money in (Money.SPENT, Money.RESERVED, Money.AT_RISK)),
        )

    def counts(self, *, with_orphans_in_flight: bool = False) -> dict[tuple[str, JobState], int]:
        """How many wanted jobs each node has in each state, in the order of the plan."""
        return {
            (node, JobState(state)): count
            for node, state, count in self._connection.execute(
                "SELECT node, state, count(*) FROM jobs"
                " WHERE wanted = 1 OR (? AND state IN ('submitted', 'succeeded'))"
                " GROUP BY node, state ORDER BY min(position)",
                (with_orphans_in_flight,),
            )
        }

    def revision(self) -> str:
        """A word that is another one after each attempt, answer, result and failure; the same while nothing happens."""
        attempts, ends = self._connection.execute("SELECT count(*), count(finished) FROM attempts").fetchone()
        # A reroll that was asked for and not sent is no event: a saved plan that has it still fits.
        states = self._connection.execute(
            "SELECT CASE WHEN state = 'ready' AND reroll_of = attempt THEN 'done' ELSE state END, count(*)"
            " FROM jobs WHERE attempt IS NOT NULL GROUP BY 1"
        )
        return "-".join([f"{attempts}.{ends}", *(f"{state}{count}" for state, count in states)])

    def first_name(self, node: str) -> str:
        """The name under which the jobs of a node were first made, as `bind_node` recorded it; else its own."""
        return self.bound(f"node {node}") or node

    def closed_until(self, now: float) -> float | None:
        """Until when the service asked not to be sent submissions, None when that time has come, or it did not ask.
        Both in seconds since the epoch.
        """
        moment = float(self.bound("closed_until") or 0.0)
        return moment if moment > now else None

    def has_sent(self) -> bool:
        """Whether something was sent by this state, or was to be."""
        return self._connection.execute("SELECT 1 FROM attempts LIMIT 1").fetchone() is not None

    def bound(self, name: str) -> str | None:
        """What the state is tied to, or known of it, by one of the names in `schema.sql`; None when nothing is yet."""
        row = self._connection.execute("SELECT value FROM bindings WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])
