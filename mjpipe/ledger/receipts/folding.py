"""Putting lines together: of all that lines say of an attempt, what counts.

The order of the lines does not matter, and neither does how often each of them comes: states write beside each other,
and git merges what they wrote. Where lines differ, what counts is what keeps a paid task from being paid again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mjpipe.domain import Answered, Fingerprint, JobKey, Money, TaskId
from mjpipe.ledger.receipts.parsing import AttemptLine, Facts, Line, PickedLine, RenamedLine, Where
from mjpipe.ledger.receipts.receipt import Event, PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom

_WEIGHTS = {
    Answered.ACCEPTED: (3, 0),
    Answered.ADOPTED: (2, 0),
    Answered.UNKNOWN: (1, 2),
    Answered.GATEWAY_FAULT: (1, 1),
    Answered.NOT_SENT: (1, 0),
    Answered.REFUSED: (0, 1),
    Answered.NOT_ACCEPTED: (0, 0),
}
"""Which of two answers to one submission counts. A task counts before anything else, doubt before what is free. A
person's word ends the doubt when it is later: within one weight the later answer counts, then the second number.
"""

_MONEY = {
    Answered.UNKNOWN: Money.AT_RISK,
    Answered.GATEWAY_FAULT: Money.AT_RISK,
    Answered.NOT_SENT: Money.FREE,
    Answered.REFUSED: Money.FREE,
    Answered.NOT_ACCEPTED: Money.FREE,
}
"""Of attempts without a task."""


class Fold:
    """Takes lines in any order. What `is_ours` denies says nothing about names and picks."""

    def __init__(self, is_ours: Callable[[Where], bool] = lambda _: True) -> None:
        self._is_ours = is_ours
        self._attempts: dict[str, _Attempt] = {}
        self._first_names: dict[str, tuple[float, str]] = {}
        self._picked: dict[tuple[JobKey, str, str], tuple[float, TaskId]] = {}

    def take(self, line: Line) -> None:
        match line:
            case AttemptLine():
                attempt = self._attempts.get(line.uid)
                if attempt is None:
                    attempt = self._attempts[line.uid] = _Attempt(line)
                attempt.take(line)
            case RenamedLine() | PickedLine() if not self._is_ours(line.where):
                pass
            case RenamedLine():
                said = line.at, line.first
                self._first_names[line.node] = max(said, self._first_names.get(line.node, said))
            case PickedLine():
                words = JobKey(line.key), line.node, line.words
                bound = line.at, TaskId(line.task)
                self._picked[words] = max(bound, self._picked.get(words, bound))

    def attempts(self) -> Iterator[RecordedAttempt]:
        """The earliest first. They are let go of here, because there may be many."""
        found: list[RecordedAttempt] = []
        while self._attempts:
            uid, attempt = self._attempts.popitem()
            found.append(attempt.recorded(uid))
        return iter(sorted(found, key=lambda attempt: (attempt.intended, attempt.uid or "")))

    def first_names(self) -> Mapping[str, str]:
        return {node: first for node, (_, first) in sorted(self._first_names.items())}

    def picked(self) -> Mapping[tuple[JobKey, str, str], TaskId]:
        return {words: task for words, (_, task) in sorted(self._picked.items())}


@dataclass(slots=True)
class _End:
    """How a task ended. `image_count` is None for a failure."""

    at: float
    money: Money
    image_count: int | None
    code: str | None

    @property
    def weight(self) -> tuple[bool, float, bool, int, str]:
        """A success counts before a failure, the later before the earlier, what may be billed before what is free."""
        count = -1 if self.image_count is None else self.image_count
        return count >= 0, self.at, self.money is not Money.FREE, count, self.code or ""


@dataclass(slots=True)
class _Attempt:
    """What is known so far. Each field only ever gets heavier, so that the order of lines does not matter."""

    facts: Facts
    facts_at: float
    host: tuple[float, str] | None
    """of the last line that says it: a command that sends nothing may not know where others have sent"""
    first_at: float
    intended: float | None
    answer: tuple[int, float, int, Answered] | None
    task: tuple[int, float, str] | None
    end: _End | None
    images: dict[int, tuple[float, PlacedImage]]
    set_aside: bool

    def __init__(self, line: AttemptLine) -> None:
        self.facts, self.facts_at, self.first_at = line.facts, line.at, line.at
        self.host = self.intended = self.answer = self.task = self.end = None
        self.images = {}
        self.set_aside = False

    def take(self, line: AttemptLine) -> None:
        at = line.at
        self.first_at = min(self.first_at, at)
        if at > self.facts_at:
            self.facts, self.facts_at = line.facts, at
        elif at == self.facts_at and line.facts is not self.facts:
            self.facts = max(self.facts, line.facts, key=repr)  # any order will do, if only it is one
        if line.facts.host is not None:
            host = at, line.facts.host
            self.host = host if self.host is None else max(self.host, host)
        weight = -1
        match line.event:
            case Event.INTENT:
                self.intended = at if self.intended is None else min(self.intended, at)
            case Event.ANSWERED:
                assert line.outcome is not None
                weight, tie = _WEIGHTS[line.outcome]
                answer = weight, at, tie, line.outcome
                self.answer = answer if self.answer is None else max(self.answer, answer)
            case Event.ENDED:
                assert line.money is not None
                end = _End(at, line.money, line.image_count, line.code)
                self.end = end if self.end is None else max(self.end, end, key=lambda one: one.weight)
            case Event.PLACED:
                for image in line.images:
                    self._place(at, image)
            case Event.SET_ASIDE:
                self.set_aside = True
        if line.task is not None:
            task = weight, at, line.task
            self.task = task if self.task is None else max(self.task, task)

    def _place(self, at: float, image: PlacedImage) -> None:
        before = self.images.get(image.number)
        if before is None or _weight(at, image) > _weight(*before):
            self.images[image.number] = at, image

    def recorded(self, uid: str) -> RecordedAttempt:
        facts, end = self.facts, self._end()
        outcome = self._outcome(end)
        task = None if self.task is None else TaskId(self.task[2])
        return RecordedAttempt(
            uid=uid,
            found_in=RecoveredFrom.RECEIPTS,
            host=None if self.host is None else self.host[1],
            campaign=facts.campaign,
            node=facts.node,
            key=JobKey(facts.key),
            fingerprint=Fingerprint(facts.fingerprint),
            mode=facts.mode,
            speed=facts.speed,
            source=_source(facts),
            rerolls=None if facts.rerolls is None else TaskId(facts.rerolls),
            price=facts.price,
            intended=self.first_at if self.intended is None else self.intended,
            answered=None if self.answer is None else self.answer[1],
            finished=None if end is None else end.at,
            task=task,
            outcome=outcome,
            money=_money(task, outcome, end),
            fail_code=None if end is None else end.code,
            image_count=None if end is None else end.image_count,
            images=tuple(self.images[number][1] for number in sorted(self.images)),
            set_aside=self.set_aside,
        )

    def _end(self) -> _End | None:
        """None as well for a failure that came before a person named another task."""
        named_later = (
            self.end is not None
            and self.end.image_count is None
            and self.answer is not None
            and self.answer[3] is Answered.ADOPTED
            and self.answer[1] > self.end.at
        )
        return None if named_later else self.end

    def _outcome(self, end: _End | None) -> Answered | None:
        answered = None if self.answer is None else self.answer[3]
        if self.task is not None:
            return Answered.ADOPTED if answered is Answered.ADOPTED else Answered.ACCEPTED
        if end is not None or self.images or answered in (Answered.ACCEPTED, Answered.ADOPTED):
            return Answered.UNKNOWN  # there is a task, and nothing says which one
        return answered


def _weight(at: float, image: PlacedImage) -> tuple[float, str, str, int]:
    """The latest place counts."""
    return at, image.path, image.sha256, image.size


def _source(facts: Facts) -> RecordedSource | None:
    if facts.source_task is None:
        return None
    assert facts.source_key is not None
    return RecordedSource(key=JobKey(facts.source_key), task=TaskId(facts.source_task), number=facts.source_number)


def _money(task: TaskId | None, outcome: Answered | None, end: _End | None) -> Money:
    if end is not None:
        return Money.SPENT if end.image_count is not None else end.money
    if task is not None or outcome is None:
        return Money.RESERVED
    return _MONEY[outcome]
