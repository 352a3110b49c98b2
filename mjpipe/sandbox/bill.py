"""The sandbox's own account of every accepted task and charge."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from mjpipe.contract import TaskState
from mjpipe.domain import ZERO, Json, Usd, decimal_text
from mjpipe.sandbox.store import Callback
from mjpipe.sandbox.task import Task


def bill_document(tasks: Iterable[tuple[Task, Callback]], *, spent: Usd, balance: Usd | None, now: int) -> Json:
    """Every task in the order of acceptance. Of a callback URL it shows the host only: the rest may hold secrets."""
    return {
        "sandbox": True,
        "tasks": [_line(task, callback, now) for task, callback in tasks],
        "total_usd": decimal_text(spent),
        "balance_usd": None if balance is None else decimal_text(balance),
    }


def _line(task: Task, callback: Callback, now: int) -> Json:
    document: dict[str, Json] = {
        "taskId": task.id,
        "mode": task.mode,
        "speed": task.speed,
        "usd": decimal_text(task.price or ZERO),
        "request": task.input,
        "state": task.state(now),
        "created": datetime.fromtimestamp(task.created / 1000, UTC).isoformat(timespec="milliseconds"),
    }
    if task.price is None:
        document["unpriced"] = True
    if task.state(now) is TaskState.FAILED:
        document["failCode"] = task.fault.code
    if task.fault.unanswered:
        document["unanswered"] = True
    if task.callback_url is not None:
        url = urlsplit(task.callback_url)
        document["callback"] = {
            "host": f"{url.scheme}://{url.netloc.rpartition('@')[2]}",
            "tries": callback.tries,
            "settled": callback.settled,
        }
    return document
