"""`assets.jsonl`: one line for each image on disk, with all that led to it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from mjpipe.domain import JsonObject, decimal_text, iso
from mjpipe.ledger import AttemptRecord, JobRecord, Records
from mjpipe.report.formats.format import Table, WriteJob
from mjpipe.report.text.attempt_times import attempt_times
from mjpipe.report.totals.costs import Costs

ASSETS = "assets.jsonl"

SCHEMA_VERSION = 1
"""Of each line: lines are filtered, and put together with those of other campaigns."""

_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who made the images: the campaign, and the host of the service, None while the state is tied to none.
    `first_names` are those of nodes that were renamed.
    """

    campaign: str
    host: str | None
    sandbox: bool
    first_names: Mapping[str, str]


def asset_lines(job: JobRecord, maker: Maker) -> Iterator[str]:
    """JSON by `schemas/assets.schema.json`, in the order of attempts and image numbers.

    `path` is relative to the folder of the file; `sha256` and `size` are the file's, also where somebody has changed
    it. `price` is that of the task, which all of its images share. `orphan` marks images that the manifest no longer
    asks for, `extra` those of a task beside the job's result. With `host`, `campaign`, `first_node`, `fingerprint`,
    `attempt` and the source's `task`, another state finds out whether it knows the task.
    """
    for attempt in job.attempts:
        images = [image for image in attempt.images if image.path is not None]
        if images:
            task, times = _task(job, attempt, maker), attempt_times(attempt)
        for image in images:
            yield _encoded(
                {
                    "schema_version": SCHEMA_VERSION,
                    "path": image.path,
                    "sha256": image.hand_sha256 or image.sha256,
                    "size": image.size if image.hand_size is None else image.hand_size,
                    "changed_by_hand": image.hand_sha256 is not None,
                    "number": image.number,
                    **task,
                    "times": {**times, "fetched": iso(image.fetched)},
                }
            )


def _task(job: JobRecord, attempt: AttemptRecord, maker: Maker) -> JsonObject:
    """What all images of a task share."""
    return {
        "host": maker.host,
        "campaign": maker.campaign,
        "node": job.node,
        "first_node": maker.first_names.get(job.node, job.node),
        "key": job.key,
        "fingerprint": job.fingerprint,
        "take": job.take,
        "orphan": not job.wanted,
        "extra": attempt is not job.result,
        "sandbox": maker.sandbox,
        "row": job.row,
        "labels": job.labels,
        "source": None
        if job.source is None
        else {"key": job.source, "task": job.source_task, "number": job.source_number},
        "request": attempt.request,
        "attempt": attempt.uid,
        "taskId": attempt.task,
        "price": None if attempt.price is None else decimal_text(attempt.price),
    }


@contextmanager
def _lines(file: TextIO, costs: Costs, records: Records) -> Iterator[WriteJob]:
    reported = costs.campaign
    bindings = records.ledger.bindings
    maker = Maker(
        campaign=reported.name,
        host=bindings.get("host"),
        sandbox=reported.sandbox,
        first_names=bindings.first_names(),
    )

    def write_job(job: JobRecord) -> None:
        file.writelines(f"{line}\n" for line in asset_lines(job, maker))

    yield write_job


FORMAT = Table(name="assets", what="a line for each image", path=ASSETS, begin=_lines)
