"""Looking whether source images are still at their URLs, before jobs that send these are paid for."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import Enum, auto

from mjpipe.apixo import ImageFault, Remedy, backoff
from mjpipe.domain import JobState, Money
from mjpipe.ledger import SOURCE_GONE, SOURCE_UNREACHABLE, SourceImages, Verdict
from mjpipe.run.floor import Floor
from mjpipe.run.outcomes import Outcome
from mjpipe.run.result_urls import present_url, urls_now
from mjpipe.run.settling import report_end

TRIES = 3
"""How often a source is asked for before its jobs are given up, unsent; `--retry-failed` asks again."""


class Found(Enum):
    HERE = auto()
    GONE = auto()
    UNKNOWN = auto()
    """it could not be asked for"""


async def check_source(floor: Floor, source: SourceImages) -> None:
    """Asks the service for the present URLs of images, and their host whether these are still there.

    The jobs of those that are not end unsent: a task that cannot read its image fails, and may be billed.
    """
    for attempt in range(1, TRIES + 1):
        urls = await urls_now(floor, source.task)
        if floor.stop is not None:
            return
        found = await _found(floor, source, urls)
        if urls is None:  # another URL may be good
            found = {number: Found.UNKNOWN if seen is Found.GONE else seen for number, seen in found.items()}
        if Found.UNKNOWN not in found.values() or attempt == TRIES:
            break
        await floor.sleep(backoff(attempt, retry_after=None, random=floor.random) / floor.speed_up)
    await _record(floor, source, urls or (), found)


async def _found(floor: Floor, source: SourceImages, urls: Sequence[str] | None) -> dict[int, Found]:
    present = {number: present_url(urls, number, url) for number, url in source.urls.items()}
    found = await asyncio.gather(*(_look(floor, url) for url in present.values()))
    return dict(zip(present, found, strict=True))


async def _look(floor: Floor, url: str) -> Found:
    try:
        await floor.images.look(url)
    except ImageFault as fault:
        return Found.GONE if fault.remedy is Remedy.REFRESH else Found.UNKNOWN
    return Found.HERE


async def _record(floor: Floor, source: SourceImages, urls: Sequence[str], found: Mapping[int, Found]) -> None:
    verdicts = {number: _verdict(source, number, seen) for number, seen in found.items() if seen is not Found.HERE}
    ended = await floor.write(lambda ledger: ledger.checked(source, urls=urls, unusable=verdicts, now=floor.clock()))
    for key, node, verdict in ended:
        report_end(floor, node, JobState.READY, Outcome(verdict=verdict, money=Money.FREE), key)


def _verdict(source: SourceImages, number: int, seen: Found) -> Verdict:
    image = f"image {number} of `{source.key}`, which it starts from,"
    if seen is Found.GONE:
        reason, code = f"{image} is gone: its URL gives no image any more; nothing was sent", SOURCE_GONE
    else:
        reason, code = f"{image} could not be asked for; nothing was sent", SOURCE_UNREACHABLE
    return Verdict(state=JobState.FAILED, reason=reason, code=code)
