"""Reads from an `assets.jsonl` the attempts that made its images."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from mjpipe.contract import Mode
from mjpipe.domain import (
    Answered,
    Fingerprint,
    JobKey,
    JsonObject,
    Money,
    Source,
    TaskId,
    fingerprint,
)
from mjpipe.files import state_faults
from mjpipe.ledger import SANDBOX_HOST, Reader
from mjpipe.ledger.receipts import RecordedAttempt, RecordedSource, RecoveredFrom
from mjpipe.ledger.receipts.checked_values import (
    LONGEST,
    MOST_IMAGES,
    UID,
    image_of,
    moment_in,
    optional_count_in,
    optional_text_in,
    price_of,
    text_in,
)
from mjpipe.report import campaign_of_reports, records_in_parts

_FINGERPRINT = re.compile(r"[0-9a-f]{8,128}").fullmatch


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
        attempt = found.get(task) or _attempt(line, with_requests=with_requests)
        image = image_of(line)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return
    if image.number not in {other.number for other in attempt.images}:
        found[task] = replace(attempt, images=(*attempt.images, image))


def _attempt(line: Mapping[str, Any], *, with_requests: bool) -> RecordedAttempt:
    """Raises what wrong input makes Python raise."""
    request, times = line["request"], line["times"]
    mode, sent = Mode(request["mode"]), optional_text_in(request, "taskId")
    source = _source(line["source"], sent)
    rerolls = mode is Mode.REROLL and sent is not None and (source is None or source.task != sent)
    return RecordedAttempt(
        uid=_matched(UID, line.get("attempt")),
        found_in=RecoveredFrom.ASSETS,
        host=optional_text_in(line, "host") or (SANDBOX_HOST if line["sandbox"] is True else None),
        campaign=optional_text_in(line, "campaign"),
        node=text_in(line, "node"),
        first_node=optional_text_in(line, "first_node"),
        key=JobKey(text_in(line, "key", LONGEST)),
        fingerprint=_fingerprint(line.get("fingerprint")),
        mode=mode.value,
        speed=optional_text_in(request, "speed"),
        source=source,
        rerolls=TaskId(sent) if rerolls and sent is not None else None,
        price=None if line["price"] is None else price_of(line["price"]),
        request=request if with_requests else None,
        intended=moment_in(times, "intended"),
        answered=_moment(times, "answered"),
        finished=_moment(times, "finished"),
        task=TaskId(text_in(line, "taskId")),
        outcome=Answered.ACCEPTED,
        money=Money.SPENT,
    )


def _source(source: Any, sent: str | None) -> RecordedSource | None:
    """Lines of older releases do not name its task, but where it was sent by its id."""
    if source is None:
        return None
    task = optional_text_in({"task": sent, **source}, "task")
    if task is None:
        return None
    return RecordedSource(
        key=JobKey(text_in(source, "key", LONGEST)),
        task=TaskId(task),
        number=optional_count_in(source, "number", MOST_IMAGES),
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
        self._campaign = campaign_of_reports(outputs)
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


def _matched(pattern: Any, value: Any) -> str | None:
    return value if isinstance(value, str) and pattern(value) else None


def _fingerprint(value: Any) -> Fingerprint | None:
    found = _matched(_FINGERPRINT, value)
    return None if found is None else Fingerprint(found)


def _moment(times: Any, name: str) -> float | None:
    return None if times[name] is None else moment_in(times, name)
