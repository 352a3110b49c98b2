"""How long the record of a taskId waits while a changed pick is taken over: a run's writer is at work, and a thread
beside it makes the plan of a large campaign again.

    python -m benchmarks.replan [--items 12500] [--picks 500] [--seconds 5]

Each item is a generation, made, and a place for a pick among its images. So many picks and a reroll are made at once.
One after another, jobs of one more node are intended and their taskIds recorded through the writer, without a replan
and beside one; what is measured is the time from asking for the record until it is durable.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.engine import adopt
from mjpipe.apixo import submission_body
from mjpipe.campaign import Campaign, open_campaign
from mjpipe.campaign.replanning import Replanning
from mjpipe.domain import TaskId
from mjpipe.ledger import Intents, Ledger, Writer
from mjpipe.run.replanner import ThreadWrites, in_short_turns, released

MANIFEST = """\
mjpipe: 1
campaign: benchmark
inputs:
  items: {{csv: items.csv, key: item}}
  others: {{csv: others.csv, key: other}}
nodes:
  hero: {{kind: generate, for_each: items, params: {{prompt: "a teapot, item {{{{ item }}}}"}}}}
  final: {{kind: upscale, from: hero, images: pick, params: {{type: 0}}}}
  other: {{kind: generate, for_each: others, params: {{prompt: "a vase, item {{{{ other }}}}"}}}}
"""
OTHERS = 10_000
PAUSE = 0.005
"""Seconds between two records, for which the loop is free, as it is between answers of the service."""


def prepared(folder: Path, items: int) -> Campaign:
    """The heroes are made; the other node's jobs are ready."""
    for name, rows in (("item", items), ("other", OTHERS)):
        (folder / f"{name}s.csv").write_text(f"{name}\n" + "".join(f"{number}\n" for number in range(rows)))
    (folder / "campaign.yaml").write_text(MANIFEST.format())
    campaign = open_campaign(folder / "campaign.yaml")
    with closing(Ledger.open(campaign.folder.ledger)) as ledger:
        adopt(ledger, campaign.manifest)
        ledger.connection.execute("BEGIN")
        for number in range(items):
            _make(ledger, number)
        ledger.connection.execute("COMMIT")
    return campaign


def intend_one(ledger: Ledger) -> Intents:
    return ledger.submissions.intend(
        limit=1, budget=None, cap=None, now=1.0, elapsed=0.0, body=lambda job: submission_body(dict(job.request))
    )


def _make(ledger: Ledger, number: int) -> None:
    """The first ready jobs are the first node's."""
    (intent,) = intend_one(ledger).intents
    task = ledger.submissions.record_task(intent, TaskId(f"hero {number}"), host="host", speed_up=1.0, now=2.0)
    assert task is not None
    assert task.node == "hero"
    urls = [f"https://host/{number}/{image}.png" for image in range(4)]
    ledger.results.record_success(task, urls=urls, actions=None, created=None, completed=None, now=3.0)


async def record(write: Writer, number: int) -> float:
    """Seconds until one more taskId is on record."""
    (intent,) = (await write(intend_one)).intents
    began = time.perf_counter()
    await write(
        lambda ledger: ledger.submissions.record_task(
            intent, TaskId(f"other {number}"), host="host", speed_up=1.0, now=2.0
        )
    )
    return time.perf_counter() - began


async def taken_over(replan: Replanning, write: Writer) -> bool:
    replanned = await asyncio.to_thread(in_short_turns, replan, ThreadWrites(write, lambda: None, lambda _: None))
    async for _ in released(write):
        """What waits for nothing any more."""
    return replanned


async def measure(
    campaign: Campaign, ledger: Ledger, picks: int, seconds: float
) -> tuple[list[float], list[float], float]:
    """The waits without a replan and beside one, and how long that took."""
    replan = Replanning(campaign, campaign.folder.copies(campaign.manifest.source))
    lines = (f"hero/{number},pick,{number % 4}\n" for number in range(1, picks + 1))
    campaign.manifest.picks.write_text(f"key,decision,images\n{''.join(lines)}hero/0,reroll,\n")
    alone: list[float] = []
    beside: list[float] = []
    async with Writer(ledger) as write:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            alone.append(await record(write, len(alone)))
            await asyncio.sleep(PAUSE)
        began = time.perf_counter()
        replanning = asyncio.ensure_future(taken_over(replan, write))
        while not replanning.done():
            beside.append(await record(write, len(alone) + len(beside)))
            await asyncio.sleep(PAUSE)
        assert await replanning
        return alone, beside, time.perf_counter() - began


def tell(name: str, waits: list[float]) -> None:
    median, worst = statistics.median(waits), max(waits)
    print(f"  {name:24}{len(waits):6} records   median {median * 1000:6.1f} ms   worst {worst * 1000:6.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replan", description=__doc__)
    parser.add_argument("--items", type=int, default=12_500)
    parser.add_argument("--picks", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mjpipe-") as name:
        campaign = prepared(Path(name), options.items)
        with closing(Ledger.open(campaign.folder.ledger)) as ledger:
            (rows,) = ledger.connection.execute("SELECT count(*) FROM jobs").fetchone()
            alone, beside, took = asyncio.run(measure(campaign, ledger, options.picks, options.seconds))
    print(f"{rows:,} rows in the ledger, planned again in {took:.1f} s; until a taskId is on record:")
    tell("without a replan", alone)
    tell("beside a replan", beside)


if __name__ == "__main__":
    main()
