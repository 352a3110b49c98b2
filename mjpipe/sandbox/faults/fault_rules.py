"""What a faults file says: which events go wrong, when, and how."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from mjpipe.contract import Mode
from mjpipe.sandbox.task import Task, TaskFault


class At(StrEnum):
    """The events that a rule watches."""

    SUBMIT = "submit"
    STATUS = "status"
    BALANCE = "balance"
    IMAGE = "image"
    TASK = "task"
    CALLBACK = "callback"


class Do(StrEnum):
    NOTHING = "nothing"
    ANSWER = "answer"
    """an HTTP status, in the service's envelope"""
    ENVELOPE = "envelope"
    """HTTP 200 with another code in the envelope"""
    HTML = "html"
    """a page, as a gateway sends it"""
    BROKEN_JSON = "broken_json"
    HANG = "hang"
    """no answer, the connection stays open"""
    CUT = "cut"
    """no answer, the connection is closed"""
    REFUSE = "refuse"
    """an answer as usual; then, for a while, no connection is accepted"""
    SLOW = "slow"
    FAIL = "fail"
    FEWER_IMAGES = "fewer_images"
    NO_RESULT = "no_result"
    """a success without resultJson"""
    TRUNCATED = "truncated"
    WRONG_TYPE = "wrong_type"
    HUGE = "huge"
    EXPIRED = "expired"
    """this URL answers 403 from now on; the next status answer has another"""
    GONE = "gone"
    """this image answers 403 from now on, whatever its URL; the status goes on naming the same one"""
    LATE = "late"
    DOUBLE = "double"
    OUT_OF_ORDER = "out_of_order"
    """held back until the webhook of another task has gone out"""
    LOST = "lost"
    UNKNOWN_STATE = "unknown_state"
    """a task state that no page documents"""


_ACCEPTING = frozenset({Do.HANG, Do.CUT, Do.BROKEN_JSON, Do.REFUSE, Do.SLOW, Do.NOTHING})
"""Faults after which a submission is a task all the same, unless the rule says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong; the other fields apply only to some values of `do`.

    `status` is an HTTP status, `code` an envelope's code, a task's fail code or its state. `accepted` says whether a
    submission becomes a task; None depends on `do`. `seconds` and `retry_after` are real seconds, whatever the speed.
    """

    do: Do
    status: int = 500
    code: int | str | None = None
    message: str | None = None
    retry_after: float | None = None
    accepted: bool | None = None
    seconds: float = 0
    factor: float = 10
    images: int = 2
    bytes: int = 200_000_000

    @property
    def accepts(self) -> bool:
        return self.do in _ACCEPTING if self.accepted is None else self.accepted

    def of_task(self) -> TaskFault:
        """The fault of a task that this one causes."""
        if self.do is Do.FAIL:
            return TaskFault(code=str(self.code), message=self.message or f"{self.code}, by the faults file")
        if self.do is Do.SLOW:
            return TaskFault(slower=self.factor)
        return TaskFault(
            images=self.images if self.do is Do.FEWER_IMAGES else None,
            without=("resultJson",) if self.do is Do.NO_RESULT else (),
        )


NO_FAULT = Fault(do=Do.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that may go wrong.

    `subject` names what it happens to, with the same name in every run. `mode` and `prompt` are those of its task,
    None when it has none.
    """

    at: At
    subject: str
    mode: Mode | None = None
    prompt: str | None = None

    @classmethod
    def of(cls, at: At, task: Task, part: int | None = None) -> Self:
        return cls(
            at=at,
            subject=task.seed if part is None else f"{task.seed}/{part}",
            mode=task.mode,
            prompt=str(task.input.get("prompt", "")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When something goes wrong, and how.

    `nth` counts all events that the rule watches, `each` those of one subject, both from 1; None means every one.
    `chance` is from 0 to 1. It applies at most `times` times, each time for `lasts` seconds.
    """

    at: At
    fault: Fault
    nth: frozenset[int] | None = None
    each: frozenset[int] | None = None
    chance: float = 1
    times: int | None = None
    lasts: float = 0
    mode: Mode | None = None
    prompt: str | None = None

    def watches(self, event: Event) -> bool:
        return (
            event.at is self.at
            and self.mode in (None, event.mode)
            and (self.prompt is None or self.prompt in (event.prompt or ""))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Rules in the order of the file: the first that applies counts."""

    seed: int = 0
    rules: tuple[Rule, ...] = ()
