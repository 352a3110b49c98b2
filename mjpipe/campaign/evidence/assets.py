"""Reads from an `assets.jsonl` the attempts that made its images."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from mjpipe.contract import Mode
from mjpipe.domain import (
    ZERO,
    Answered,
    Fingerprint,
    JobKey,
    JsonObject,
    Money,
    Source,
    TaskId,
    Usd,
    fingerprint,
    usd,
)
from mjpipe.files import state_faults
from mjpipe.ledger import SANDBOX_HOST, Reader
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom
from mjpipe.ledger.receipts.parsing import is_below_outputs
from mjpipe.report import records_in_parts

LONGEST = 4096
"""Characters of a text."""

_MOST_IMAGES = 1000
_LARGEST_IMAGE = 1 << 40
_UID = re.compile(r"[0-9a-f]{8,64}").fullmatch
_FINGERPRINT = re.compile(r"[0-9a-f]{8,128}").fullmatch
_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]").search


class InAssets(NamedTuple):
    """Tasks of a file, and an attempt with its images for each of which the file says enough, in its order."""

    attempts: list[RecordedAttempt]
    tasks: frozenset[TaskId]


def attempts_in_assets(path: Path, ledger: Reader, first_names: Mapping[str, str], *, with_requests: bool) -> InAssets:
    """What the file says of tasks that the ledger does not know.

    `first_names` are those of the plan's nodes, for lines of older releases, which have no fingerprints.
    Lines that are not records are ignored. Raises StateFault when the disk refuses.
    """
    found: dict[TaskId, RecordedAttempt] = {}
    tasks: set[TaskId] = set()
    older: _OlderLines | None = None
    with state_faults(path):
        for part in records_in_parts(path):
            unknown = ledger.tasks.unknown({record.task for record in part})
            tasks |= unknown
            for _, task, line in part:
                completed = line
                if "fingerprint" not in line:
                    older = older or _OlderLines(path.parent, first_names)
                    completed = older.completed(task, line)
                if task in unknown:
                    _add(found, task, completed, with_requests=with_requests)
    return InAssets([_counted(attempt) for attempt in found.values()], frozenset(tasks))


def _add(found: dict[TaskId, RecordedAttempt], task: TaskId, line: Mapping[str, Any], *, with_requests: bool) -> None:
    try:
        attempt = found.get(task) or _attempt(task, line, with_requests=with_requests)
        image = _image(line)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return
    if image.number not in {other.number for other in attempt.images}:
        found[task] = replace(attempt, images=(*attempt.images, image))


def _attempt(task: TaskId, line: Mapping[str, Any], *, with_requests: bool) -> RecordedAttempt:
    """Raises what wrong input makes Python raise."""
    request, times = line["request"], line["times"]
    mode, sent = Mode(request["mode"]), _optional_text(request.get("taskId"))
    source = _source(line["source"], sent)
    rerolls = mode is Mode.REROLL and sent is not None and (source is None or source.task != sent)
    return RecordedAttempt(
        uid=_matched(_UID, line.get("attempt")),
        found_in=RecoveredFrom.ASSETS,
        host=_optional_text(line.get("host")) or (SANDBOX_HOST if line["sandbox"] is True else None),
        campaign=_optional_text(line.get("campaign")),
        node=_text(line["node"]),
        key=JobKey(_text(line["key"])),
        fingerprint=_fingerprint(line.get("fingerprint")),
        mode=mode.value,
        speed=_optional_text(request.get("speed")),
        source=source,
        rerolls=TaskId(sent) if rerolls and sent is not None else None,
        price=_price(line["price"]),
        request=request if with_requests else None,
        intended=_needed_moment(times["intended"]),
        answered=_moment(times["answered"]),
        finished=_moment(times["finished"]),
        task=TaskId(_text(task)),
        outcome=Answered.ACCEPTED,
        money=Money.SPENT,
    )


def _source(source: Any, sent: str | None) -> RecordedSource | None:
    """Lines of older releases do not name its task, but where it was sent by its id."""
    if source is None:
        return None
    task = _optional_text(source.get("task", sent))
    if task is None:
        return None
    number = source["number"]
    return RecordedSource(
        key=JobKey(_text(source["key"])), task=TaskId(task), number=None if number is None else _count(number)
    )


def _image(line: Mapping[str, Any]) -> PlacedImage:
    path, sha256 = _text(line["path"]), _matched(_SHA256, line["sha256"])
    if sha256 is None or not is_below_outputs(path):
        raise ValueError
    return PlacedImage(
        number=_count(line["number"]), path=path, sha256=sha256, size=_count(line["size"], _LARGEST_IMAGE)
    )


def _counted(attempt: RecordedAttempt) -> RecordedAttempt:
    """The file has a line for each image that was on disk, which may be fewer than came."""
    images = tuple(sorted(attempt.images, key=lambda image: image.number))
    planned = Mode(str(attempt.mode)).facts.images
    if attempt.rerolls is not None or attempt.mode == Mode.REROLL:
        planned = max(planned, len(images))
    return replace(attempt, images=images, image_count=planned if len(images) == planned else None)


class _OlderLines:
    """Completes lines of older releases: as far as that is possible, they get a fingerprint, and the campaign."""

    def __init__(self, outputs: Path, first_names: Mapping[str, str]) -> None:
        self._first_names = first_names
        self._campaign = _campaign_of(outputs)
        self._tasks: dict[str, tuple[str, Fingerprint]] = {}
        """Key and fingerprint of the job of each task."""

    def completed(self, task: TaskId, line: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            found = self._fingerprint(line)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            found = None
        if found is not None:
            self._tasks[task] = line["key"], found
        return {**line, "fingerprint": found, "campaign": line.get("campaign") or self._campaign}

    def _fingerprint(self, line: Mapping[str, Any]) -> Fingerprint | None:
        """None where the request has the URL of its source, in whose place the plan has something else."""
        request: JsonObject = {name: value for name, value in line["request"].items() if name != "taskId"}
        sent, source = line["request"].get("taskId"), line["source"]
        of = None if sent is None else self._tasks.get(sent)
        if request["mode"] == Mode.REROLL and of is not None and of[0] == line["key"]:
            return of[1]
        name = self._first_names.get(line["node"], line["node"])
        if source is None:
            return fingerprint(name, request, None) if sent is None else None
        if of is None or of[0] != source["key"]:
            return None
        return fingerprint(name, request, Source(key=JobKey(source["key"]), fingerprint=of[1], number=source["number"]))


def _campaign_of(outputs: Path) -> str | None:
    """The campaign whose reports lie in a folder."""
    try:
        return _optional_text(json.loads((outputs / "report" / "costs.json").read_bytes())["campaign"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or _CONTROL(value):
        raise ValueError
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _matched(pattern: Any, value: Any) -> str | None:
    return value if isinstance(value, str) and pattern(value) else None


def _fingerprint(value: Any) -> Fingerprint | None:
    found = _matched(_FINGERPRINT, value)
    return None if found is None else Fingerprint(found)


def _count(value: Any, most: int = _MOST_IMAGES) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError
    return value


def _price(value: Any) -> Usd | None:
    amount = None if value is None else usd(_text(value))
    if amount is not None and amount < ZERO:
        raise ValueError
    return amount


def _moment(value: Any) -> float | None:
    return None if value is None else _needed_moment(value)


def _needed_moment(value: Any) -> float:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.timestamp()
