"""`assets.jsonl`: one line for each image on disk, with all that led to it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from mjpipe.contract import Mode
from mjpipe.domain import JsonObject, decimal_text, from_micros, iso, micros
from mjpipe.ledger import AttemptRecord, ImageRecord, JobRecord, Records
from mjpipe.plan import image_label
from mjpipe.report.formats.format import Table, WriteJob
from mjpipe.report.text.attempt_times import attempt_times
from mjpipe.report.totals.campaign import PickedOf, nobody_picks
from mjpipe.report.totals.costs import Costs

ASSETS = "assets.jsonl"

SCHEMA_VERSION = 1
"""Of each line: lines are filtered, and put together with those of other campaigns."""

_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who made the images: the campaign, and the host of the service, None while the state is tied to none.
    `first_names` are those of nodes that were renamed. `picked` says which of their images a person has picked.
    """

    campaign: str
    host: str | None
    sandbox: bool
    first_names: Mapping[str, str]
    picked: PickedOf = nobody_picks


def asset_lines(job: JobRecord, maker: Maker) -> Iterator[str]:
    """JSON by `schemas/assets.schema.json`, in the order of attempts and image numbers.

    `path` is relative to the folder of the file; `sha256` and `size` are the file's, also where somebody has changed
    it. `price` is that of the task, which all of its images share; `image_price` divides it by the images of the task
    that are on disk, so that the lines add up to what was spent on them. `image` is the image's label, None where no
    plan has said it. `picked` is None where nobody has decided. `orphan` marks images that the manifest no longer asks
    for, `extra` those of a task beside the job's result. With `host`, `campaign`, `first_node`, `fingerprint`,
    `attempt` and the source's `task`, another state finds out whether it knows the task.
    """
    for attempt in job.attempts:
        images = [image for image in attempt.images if image.path is not None]
        if not images:
            continue
        task, times = _task(job, attempt, maker), attempt_times(attempt)
        picked = maker.picked(job, attempt)
        for image, price in zip(images, _divided(attempt, images), strict=True):
            yield _encoded(
                {
                    "schema_version": SCHEMA_VERSION,
                    "path": image.path,
                    "sha256": image.hand_sha256 or image.sha256,
                    "size": image.size if image.hand_size is None else image.hand_size,
                    "changed_by_hand": image.hand_sha256 is not None,
                    "width": image.facts and image.facts.width,
                    "height": image.facts and image.facts.height,
                    "media_type": image.facts and image.facts.media_type,
                    "number": image.number,
                    "image": _label(job, image),
                    "picked": None if picked is None else image.number in picked,
                    **task,
                    "image_price": price,
                    "times": {**times, "fetched": iso(image.fetched)},
                }
            )


def _divided(attempt: AttemptRecord, images: Sequence[ImageRecord]) -> list[str | None]:
    """The price of each image, in whole millionths of a dollar: the first one has what is left over."""
    if attempt.price is None:
        return [None] * len(images)
    each, left_over = divmod(micros(attempt.price), len(images))
    return [decimal_text(from_micros(each + (0 if place else left_over))) for place in range(len(images))]


def _label(job: JobRecord, image: ImageRecord) -> str | None:
    if job.lead is None:
        return None
    return image_label(job.lead, image.number, planned=Mode(str(job.request["mode"])).facts.images)


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
        picked=reported.picked,
    )

    def write_job(job: JobRecord) -> None:
        file.writelines(f"{line}\n" for line in asset_lines(job, maker))

    yield write_job


FORMAT = Table(name="assets", what="a line for each image", path=ASSETS, begin=_lines)
