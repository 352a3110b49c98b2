"""The faults file: how the sandbox shall misbehave, by plan or by seeded chance."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from mjpipe.contract import Mode
from mjpipe.domain import UsageFault, bundled_folder
from mjpipe.files import read_regular
from mjpipe.sandbox.task import Flaw, Task


class At(StrEnum):
    """What a rule watches."""

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
"""Faults of a submission that has become a task all the same, unless the rule says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to do wrong; the fields beside `do` matter only to some of them.

    `status` is an HTTP status, `code` an envelope's code, a task's fail code or its state. `accepted` says whether a
    submission becomes a task, None for what is usual for `do`. `seconds` and `retry_after` are real seconds, whatever
    the speed.
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

    def flaw(self) -> Flaw:
        """What it means to a task."""
        if self.do is Do.FAIL:
            return Flaw(code=str(self.code), message=self.message or f"{self.code}, by the faults file")
        if self.do is Do.SLOW:
            return Flaw(slower=self.factor)
        return Flaw(
            images=self.images if self.do is Do.FEWER_IMAGES else None,
            without=("resultJson",) if self.do is Do.NO_RESULT else (),
        )


NO_FAULT = Fault(do=Do.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something that a rule may strike. `subject` names the thing that it happens to: the same one has the same name in
    every run. `mode` and `prompt` are those of its task, None when it has none.
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
    """When to strike, and how.

    `nth` counts all occasions that the rule watches, `each` those of one subject, both from 1; None means every one.
    `chance` is from 0 to 1. `times` bounds the strikes. After a strike it goes on for `lasts` seconds.
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

    def watches(self, occasion: Occasion) -> bool:
        return (
            occasion.at is self.at
            and self.mode in (None, occasion.mode)
            and (self.prompt is None or self.prompt in (occasion.prompt or ""))
        )


LARGEST = 1 << 20
"""Bytes of a faults file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Rules in the order of the file: the first that strikes is the one that counts."""

    seed: int = 0
    rules: tuple[Rule, ...] = ()


def load_faults(path: Path) -> Faults:
    """Raises UsageFault, which names every mistake, when the file cannot be read or is not a faults file."""
    import yaml  # noqa: PLC0415 - only a sandbox with faults needs it, and the one below

    try:
        document = yaml.safe_load(read_regular(path, LARGEST).decode())
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise UsageFault(f"the faults file `{path}` cannot be read: {error}") from error
    problems = list(_mistakes(document))
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise UsageFault(f"`{path}` is not a faults file:\n{lines}", help="mjpipe schema faults")
    return Faults(seed=document.get("seed", 0), rules=tuple(_rule(entry) for entry in document["rules"]))


def _mistakes(document: Any) -> Iterable[str]:
    import jsonschema  # noqa: PLC0415 - as above

    schema = json.loads((bundled_folder("schemas") / "faults.schema.json").read_text("utf-8"))
    for error in sorted(jsonschema.Draft202012Validator(schema).iter_errors(document), key=lambda e: list(e.path)):
        yield f"{error.json_path.removeprefix('$.')}: {error.message}"


def _rule(entry: Mapping[str, Any]) -> Rule:
    settings = {name: entry[name] for name in Fault.__dataclass_fields__ if name in entry}
    return Rule(
        at=At(entry["at"]),
        fault=Fault(**{**settings, "do": Do(entry["do"])}),
        nth=numbers(entry.get("nth")),
        each=numbers(entry.get("each")),
        chance=entry.get("chance", 1),
        times=entry.get("times"),
        lasts=entry.get("lasts", 0),
        mode=Mode(entry["mode"]) if "mode" in entry else None,
        prompt=entry.get("prompt"),
    )


def numbers(written: Any) -> frozenset[int] | None:
    """The numbers that `3`, `3-9`, or a list of such means."""
    if written is None:
        return None
    counted: set[int] = set()
    for item in written if isinstance(written, list) else [written]:
        first, _, last = str(item).partition("-")
        counted.update(range(int(first), int(last or first) + 1))
    return frozenset(counted)
