"""Checking that source images are still at their URLs, before jobs that send these URLs are paid for."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import Enum, auto

from mjpipe.apixo import ImageFault, Remedy, backoff
from mjpipe.domain import JobState, Money
from mjpipe.ledger import SOURCE_GONE, SOURCE_UNREACHABLE, SourceImages, Verdict
from mjpipe.run.images.result_urls import present_url, urls_now
from mjpipe.run.job_ends import apply_decision
from mjpipe.run.policies.job_decisions import JobDecision
from mjpipe.run.run_state import RunState

TRIES = 3
"""Per source, before its jobs fail unsent; `--retry-failed` checks again."""


class UrlState(Enum):
    """Whether an image is still at its URL."""

    HERE = auto()
    GONE = auto()
    UNKNOWN = auto()
    """no host answered"""


async def check_source(run: RunState, source: SourceImages) -> None:
    """Asks the service for the current URLs of images, and their hosts whether the images are still there.

    Jobs of a missing image fail unsent: a task that cannot read its image fails, too, and may be billed.
    """
    for attempt in range(1, TRIES + 1):
        urls = await urls_now(run, source.task)
        if run.stop is not None:
            return
        found = await _found(run, source, urls)
        if urls is None:  # another URL may be good
            found = {number: UrlState.UNKNOWN if seen is UrlState.GONE else seen for number, seen in found.items()}
        if UrlState.UNKNOWN not in found.values() or attempt == TRIES:
            break
        await run.sleep(backoff(attempt, retry_after=None, random=run.random) / run.speed_up)
    await _record(run, source, urls or (), found)


async def _found(run: RunState, source: SourceImages, urls: Sequence[str] | None) -> dict[int, UrlState]:
    present = {number: present_url(urls, number, url) for number, url in source.urls.items()}
    found = await asyncio.gather(*(_look(run, url) for url in present.values()))
    return dict(zip(present, found, strict=True))


async def _look(run: RunState, url: str) -> UrlState:
    if not url:  # of a task that was recovered, and the service names none
        return UrlState.GONE
    try:
        await run.images.look(url)
    except ImageFault as fault:
        return UrlState.GONE if fault.remedy is Remedy.REFRESH else UrlState.UNKNOWN
    return UrlState.HERE


async def _record(run: RunState, source: SourceImages, urls: Sequence[str], found: Mapping[int, UrlState]) -> None:
    verdicts = {number: _verdict(source, number, seen) for number, seen in found.items() if seen is not UrlState.HERE}
    ended = await run.write(
        lambda ledger: ledger.source_checks.record(source, urls=urls, unusable=verdicts, now=run.clock())
    )
    for key, node, verdict in ended:
        apply_decision(run, node, JobState.READY, JobDecision(verdict=verdict, money=Money.FREE), key)


def _verdict(source: SourceImages, number: int, seen: UrlState) -> Verdict:
    image = f"image {number} of `{source.key}`, which it starts from,"
    if seen is UrlState.GONE:
        reason, code = f"{image} is gone: its URL gives no image any more; nothing was sent", SOURCE_GONE
    else:
        reason, code = f"{image} could not be asked for; nothing was sent", SOURCE_UNREACHABLE
    return Verdict(state=JobState.FAILED, reason=reason, code=code)
