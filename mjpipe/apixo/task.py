"""What the service says of a task (seed page, Status response fields)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from mjpipe.apixo.envelope import read_json
from mjpipe.contract import Mode, TaskState
from mjpipe.domain import Refused, TaskId

Word = TypeVar("Word", bound=StrEnum)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TaskNotFound(Refused):
    """404: the service does not know the task, or does not know it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """`speed_up` is how much faster than the clock the sandbox runs (its header `Sandbox-Speed-Up`); 1.0 for the
    service.
    """

    task_id: TaskId
    speed_up: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A follow-up that the service offers. A field is None when it was missing or unreadable: the service did not say
    which images or types it takes.
    """

    mode: Mode
    image_indexes: tuple[int, ...] | None = None
    types: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """One answer of the status call.

    `state` is None for an undocumented state. `image_urls`, in the order of the images' numbers, is None in every state
    but success, and there too when resultJson is unreadable. `supported_actions` is None when the field is absent or
    unreadable; undocumented modes are left out. Times are UTC, None when absent.
    `speed_up` is how much faster than the clock the sandbox runs (its header `Sandbox-Speed-Up`); 1.0 for the
    service, which has no such header. `evidence` is the beginning of the answer as it came.
    """

    state: TaskState | None
    image_urls: tuple[str, ...] | None = None
    supported_actions: tuple[Action, ...] | None = None
    fail_code: str | None = None
    fail_message: str | None = None
    created: datetime | None = None
    completed: datetime | None = None
    speed_up: float = 1.0
    evidence: str = ""


def read_task(data: Mapping[str, Any], *, speed_up: float = 1.0, evidence: str = "") -> TaskStatus:
    """The status in `data`. What is missing or not as documented becomes None."""
    state = _member(TaskState, data.get("state"))
    return TaskStatus(
        state=state,
        image_urls=_image_urls(data.get("resultJson")) if state is TaskState.SUCCESS else None,
        supported_actions=_actions(data.get("supported_actions")),
        fail_code=_text(data.get("failCode")),
        fail_message=_text(data.get("failMsg")),
        created=_moment(data.get("createTime")),
        completed=_moment(data.get("completeTime")),
        speed_up=speed_up,
        evidence=evidence,
    )


def _image_urls(result_json: Any) -> tuple[str, ...] | None:
    """All URLs or none: with one unreadable, the numbers of the others would be guesses."""
    result = read_json(result_json) if isinstance(result_json, str) else None
    urls = result.get("resultUrls") if isinstance(result, dict) else None
    if not isinstance(urls, list) or not all(isinstance(url, str) and url for url in urls):
        return None
    return tuple(urls)


def _actions(entries: Any) -> tuple[Action, ...] | None:
    actions = _readable(entries, lambda entry: isinstance(entry, dict) and isinstance(entry.get("mode"), str))
    if actions is None:
        return None
    return tuple(
        Action(
            mode=mode,
            image_indexes=_numbers(action.get("imageIndex_options")),
            types=_numbers(action.get("type_options")),
        )
        for action in actions
        if (mode := _member(Mode, action["mode"]))
    )


def _member(words: type[Word], word: Any) -> Word | None:
    try:
        return words(word)
    except ValueError:
        return None


def _numbers(options: Any) -> tuple[int, ...] | None:
    numbers = _readable(options, lambda option: type(option) is int)
    return None if numbers is None else tuple(numbers)


def _readable(entries: Any, is_readable: Callable[[Any], bool]) -> list[Any] | None:
    """The readable entries, None when all of several are unreadable. An empty list stays one: nothing is offered."""
    if not isinstance(entries, list):
        return None
    readable = [entry for entry in entries if is_readable(entry)]
    return readable if readable or not entries else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _moment(milliseconds: Any) -> datetime | None:
    if type(milliseconds) is not int:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
