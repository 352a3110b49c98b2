"""Recording attempts that were made elsewhere, or by this state before it was lost.

Each becomes an attempt of a job that no plan asks for, unless the ledger has a job of that name. The plan that is
adopted next finds these jobs as it finds those of an edit that was undone: by key and fingerprint, source and the task
that they were made of.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from mjpipe.contract import Mode
from mjpipe.domain import EXTENSION, Answered, JsonObject, Money, TaskId, micros
from mjpipe.ledger.adopting import RECOVERED, complete_bodies
from mjpipe.ledger.database import LedgerConnection, queries, transaction
from mjpipe.ledger.receipts import RecordedAttempt
from mjpipe.ledger.receipts.checked_values import ORPHANS, is_below_outputs
from mjpipe.ledger.recovery.files_in_place import AsRecorded, InPlace, OnDisk, Placed
from mjpipe.ledger.recovery.setting_aside import set_aside
from mjpipe.ledger.recovery.settling import settle
from mjpipe.ledger.values import NewBindings
from mjpipe.ledger.writing import doubt_interrupted, link_recovered

_SQL = queries(__file__)

_LOST = "the state that made this submission was lost, and nothing says how it was answered"

_FREE = frozenset({Answered.REFUSED, Answered.NOT_ACCEPTED, Answered.NOT_SENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What came of it. `attempts` are the ids of those that were inserted or changed; `left` could not be recorded, for
    the reasons given; `missing` are the paths of images that were on disk and are not.
    """

    attempts: tuple[int, ...]
    left: tuple[tuple[RecordedAttempt, str], ...]
    missing: tuple[str, ...]


def recover(
    connection: LedgerConnection,
    attempts: Sequence[RecordedAttempt],
    *,
    now: float,
    outputs: Path | None,
    host: str | None,
    picked: Collection[TaskId],
    bindings: NewBindings,
) -> Recovered:
    """Records those of the attempts that are not known. `now` is in seconds since the epoch.

    Images are looked for below `outputs`; without it all that were placed count as there, which is for a plan that is
    only shown. `host` is where the tasks are: a state without one belongs to it. Of several tasks of one job that of
    the `picked` counts. `bindings` are recorded where the ledger has none.
    """
    with transaction(connection):
        doubt_interrupted(connection, now)
        return _Recovery(connection, attempts, now, outputs, frozenset(picked)).all(host, bindings)


class _Recovery:
    def __init__(
        self,
        connection: LedgerConnection,
        attempts: Sequence[RecordedAttempt],
        now: float,
        outputs: Path | None,
        picked: frozenset[TaskId],
    ) -> None:
        self._connection = connection
        self._given = attempts
        self._now = now
        self._picked = picked
        self._placed: Placed = AsRecorded()
        if outputs is not None:
            taken = connection.execute("SELECT path, sha256 FROM images WHERE path IS NOT NULL").fetchall()
            self._placed = OnDisk(outputs, attempts, taken)
        self._touched: dict[int, None] = {}
        """Jobs to settle."""
        self._recorded: list[int] = []
        self._left: list[tuple[RecordedAttempt, str]] = []
        self._missing: list[str] = []

    def all(self, host: str | None, bindings: NewBindings) -> Recovered:
        in_order = sorted(self._given, key=lambda attempt: attempt.intended)
        waiting = [attempt for attempt in in_order if not self._updated(attempt) and self._can_be_recorded(attempt)]
        while waiting:
            waiting = self._next_ones(waiting)
        for job in self._touched:
            settle(self._connection, job, self._picked)
        link_recovered(self._connection)
        self._bind(host, bindings)
        return Recovered(
            attempts=tuple(self._recorded), left=tuple(self._left), missing=tuple(dict.fromkeys(self._missing))
        )

    def _bind(self, host: str | None, bindings: NewBindings) -> None:
        if host is not None and self._recorded:
            self._connection.execute("INSERT OR IGNORE INTO bindings VALUES ('host', ?)", (host,))
        for node, first in bindings.nodes.items():
            self._connection.execute("INSERT OR IGNORE INTO bindings VALUES (?, ?)", (f"node {node}", first))
        for (key, node, words), task in bindings.picks.items():
            self._connection.execute("INSERT OR IGNORE INTO picks VALUES (?, ?, ?, ?)", (key, node, words, task))

    def _next_ones(self, waiting: list[RecordedAttempt]) -> list[RecordedAttempt]:
        """Records those with a source that is on record; when there are none, all. Returns the others.

        A job whose source is nowhere known is recorded without one, so that what it cost counts.
        """
        later: list[RecordedAttempt] = []
        for attempt in waiting:
            source = None if attempt.source is None else self._source_of(attempt.source.task)
            if attempt.source is None or source is not None:
                self._record(attempt, source)
            else:
                later.append(attempt)
        if len(later) == len(waiting):
            for attempt in later:
                self._record(attempt, None)
            return []
        return later

    def _source_of(self, task: TaskId) -> "_Source | None":
        row = self._connection.execute(_SQL["source"], (task,)).fetchone()
        return None if row is None else _Source(*row)

    def _can_be_recorded(self, attempt: RecordedAttempt) -> bool:
        if attempt.fingerprint is None:
            self._left.append((attempt, "nothing says what was asked for"))
        elif _mode_of(attempt) is None:
            self._left.append((attempt, "nothing says in which mode it was sent"))
        elif attempt.task is None and attempt.outcome in _FREE:
            pass
        else:
            return True
        return False

    def _updated(self, attempt: RecordedAttempt) -> bool:
        """Whether the attempt is on record. What is known beyond that is added."""
        row = self._connection.execute(_SQL["known"], {"uid": attempt.uid, "task": attempt.task}).fetchone()
        if row is None:
            return False
        known, job, task, holds = row
        if task is None and attempt.task is not None:
            self._connection.execute(
                _SQL["name_task"], self._answer(attempt) | {"attempt": known, "recovered": attempt.found_in}
            )
            self._add_images(known, attempt)
            self._recorded.append(known)
            self._touched[job] = None
        if attempt.set_aside and holds and set_aside(self._connection, [known]):
            self._recorded.append(known)
            self._touched.pop(job, None)
        return True

    def _record(self, attempt: RecordedAttempt, source: "_Source | None") -> None:
        if self._updated(attempt):  # it was given twice, as receipts and another state have it
            return
        job = self._job(attempt, source)
        values = {
            "job": job,
            "uid": attempt.uid,
            "recovered": attempt.found_in,
            "body": _body(attempt),
            "price": None if attempt.price is None else micros(attempt.price),
            "intended": attempt.intended,
        }
        ((number,),) = self._connection.execute(_SQL["insert_attempt"], values | self._answer(attempt)).fetchall()
        self._add_images(number, attempt)
        self._recorded.append(number)
        self._touched[job] = None
        request, digest = self._connection.execute("SELECT request, digest FROM jobs WHERE id = ?", (job,)).fetchone()
        if digest != RECOVERED:
            complete_bodies(self._connection, job, request)

    def _answer(self, attempt: RecordedAttempt) -> dict[str, object]:
        money, outcome, evidence = attempt.money, attempt.outcome, None
        answered, complete = attempt.answered, self._is_complete(attempt)
        if attempt.task is not None:
            answered = attempt.intended if answered is None else answered
            outcome = outcome if outcome in (Answered.ACCEPTED, Answered.ADOPTED) else Answered.ACCEPTED
            money = Money.RESERVED if money is Money.FREE and attempt.fail_code is None else money
        elif not complete:
            answered = self._now if outcome is None else answered
            evidence = _LOST if outcome is None else None
            outcome, money = outcome or Answered.UNKNOWN, Money.AT_RISK
        if (money is Money.SPENT and not attempt.image_count) or (
            money is Money.AT_RISK and attempt.task and not attempt.fail_code
        ):
            money = Money.RESERVED  # how it ended is for the service to say
        ended = attempt.task is not None and money is not Money.RESERVED
        return {
            "money": money,
            "outcome": outcome,
            "evidence": evidence,
            "answered": answered,
            "task": attempt.task,
            "finished": (attempt.finished or answered) if ended or money is Money.SPENT else None,
            "urls_at": 0.0 if money is Money.SPENT else None,
            "fail_code": attempt.fail_code if ended and money is not Money.SPENT else None,
        }

    def _is_complete(self, attempt: RecordedAttempt) -> bool:
        """Whether all its images are in their places."""
        return bool(attempt.image_count) and len(self._found(attempt)) == attempt.image_count

    def _found(self, attempt: RecordedAttempt) -> "dict[int, InPlace]":
        count = attempt.image_count or 0
        return {number: image for number, image in self._placed.of(attempt).items() if number < count}

    def _add_images(self, number: int, attempt: RecordedAttempt) -> None:
        """Of a task that has succeeded: all images that came, with the places of those that are there."""
        there = self._placed.of(attempt)
        self._missing += [image.path for image in attempt.images if image.number not in there]
        money = self._connection.value("SELECT money FROM attempts WHERE id = ?", (number,))
        if money != Money.SPENT:
            return
        for image in range(attempt.image_count or 0):
            placed = there.get(image)
            values = (None,) * 5 if placed is None else self._place(placed, attempt)
            self._connection.execute(_SQL["insert_image"], (number, image, *values))

    def _place(self, placed: InPlace, attempt: RecordedAttempt) -> tuple[object, ...]:
        image = placed.image
        # Until some time after it was fetched a file counts as it came: not so this one, when nobody has read it.
        fetched = None if placed.written is None else attempt.finished or attempt.intended
        return image.path, image.sha256, image.size, fetched, placed.written

    def _job(self, attempt: RecordedAttempt, source: "_Source | None") -> int:
        """The row for an attempt: that of its name, or a new one."""
        of = (None, None) if source is None else (source.job, source.attempt)
        if not attempt.set_aside:
            row = self._connection.execute(_SQL["row_of_name"], (attempt.key, attempt.fingerprint, *of)).fetchone()
            if row is not None:
                self._connection.execute("UPDATE jobs SET made_of = ? WHERE id = ?", (of[1], row[0]))
                return int(row[0])
            self._forget_unsent(attempt, of[0])
        mode = _mode_of(attempt)
        assert mode is not None
        values = {
            "key": attempt.key,
            "fingerprint": attempt.fingerprint,
            "node": attempt.node,
            "kind": mode.facts.kind,
            "set_aside": attempt.set_aside,
            "depth": 0 if source is None else source.depth + 1,
            "source": of[0],
            "source_number": None if attempt.source is None else attempt.source.number,
            "made_of": of[1],
            "request": _json(_planned(attempt, mode)),
            "price": None if attempt.price is None else micros(attempt.price),
            "paths": _json(_paths(attempt)),
        }
        ((job,),) = self._connection.execute(_SQL["insert_job"], values).fetchall()
        return int(job)

    def _forget_unsent(self, attempt: RecordedAttempt, source: int | None) -> None:
        """Jobs that ask for the same under other keys, and for which nothing was sent, would be sent: a plan finds them
        before it looks for a result under another key. The plan that is adopted next has them again.
        """
        rows = self._connection.execute(_SQL["unsent_twins"], (attempt.fingerprint, source)).fetchall()
        for (twin,) in rows:
            following = self._connection.execute(_SQL["what_follows"], (twin,)).fetchall()
            if not any(sent for _, sent in following):
                self._connection.executemany("DELETE FROM jobs WHERE id = ?", [(job,) for job, _ in following])


@dataclass(frozen=True, slots=True)
class _Source:
    attempt: int
    job: int
    depth: int


def _mode_of(attempt: RecordedAttempt) -> Mode | None:
    mode = attempt.mode if attempt.request is None else attempt.request.get("mode", attempt.mode)
    return Mode(mode) if isinstance(mode, str) and mode in set(Mode) else None


def _body(attempt: RecordedAttempt) -> bytes:
    """What is known of the bytes that were sent; `partial` until a plan has said the rest."""
    if attempt.rerolls is not None:
        return _json({"input": {"mode": Mode.REROLL.value, "taskId": attempt.rerolls}}).encode()
    if attempt.request is not None:
        return _json({"input": attempt.request}).encode()
    of = None if attempt.source is None else attempt.source.task
    known = {"mode": attempt.mode, "speed": attempt.speed, "taskId": of}
    sent = {name: value for name, value in known.items() if value is not None}
    return _json({"input": sent, "partial": True}).encode()


def _planned(attempt: RecordedAttempt, mode: Mode) -> JsonObject:
    """What a plan would say of the request, as far as that is known: not which task or URL it starts from."""
    if attempt.request is not None and attempt.source is None and attempt.rerolls is None:
        return attempt.request
    return {"mode": mode} if attempt.speed is None else {"mode": mode, "speed": attempt.speed}


def _paths(attempt: RecordedAttempt) -> list[str]:
    """Where its images are, and where others would go until a plan says it, those of an orphan as if it were none."""
    count = max(1, attempt.image_count or 0, *(image.number + 1 for image in attempt.images))
    placed = {image.number: image.path for image in attempt.images if not image.path.startswith(f"{ORPHANS}/")}
    name = attempt.key if is_below_outputs(attempt.key) else blake2b(attempt.key.encode(), digest_size=8).hexdigest()
    return [placed.get(number, f"{name}-{number}.{EXTENSION}") for number in range(count)]


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
