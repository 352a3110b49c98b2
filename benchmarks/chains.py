"""How much of the best possible time a run needs, and how often it asks: chains of two tasks that take their time.

    python -m benchmarks.chains [--chains 1000] [--scale 1.0]

The bound is max(sum of latencies / concurrency, longest chain). All ways of asking go on at the same time, each with
the same latencies: they wait, mostly.
"""

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measure import started, used
from benchmarks.service import Pace, counts, running

TOGETHER = 32
MEDIAN = 2.0
SIGMA = 0.5

FIXED = (0.3, 1.0)
AS_OFTEN = (0.26, 0.7)
"""Fixed intervals at which mjpipe asks about as often as with its learned times."""
FLOORS = (0.14, 0.38)
"""`polling: {first_after, interval}` for mjpipe: with the first it asks about nine times for a task, with the second
about 3.7 times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to ask. `interval` is in seconds before scaling, None for the oracle. What does not learn keeps to it."""

    name: str
    module: str
    interval: float | None
    learns: bool = True


WAYS = (
    Way(name="a script, an oracle", module="bare", interval=None),
    *(Way(name=f"a script, every {interval:g} s", module="bare", interval=interval) for interval in FIXED),
    *(
        Way(name=f"mjpipe, every {interval:g} s", module="engine", interval=interval, learns=False)
        for interval in AS_OFTEN
    ),
    *(Way(name=f"mjpipe, floors of {interval:g} s", module="engine", interval=interval) for interval in FLOORS),
)


def bound(pace: Pace, chains: int) -> float:
    """In seconds: no schedule is shorter."""
    lengths = [pace.latency(item, 0) + pace.latency(item, 1) for item in range(chains)]
    return max(sum(lengths) / TOGETHER, *lengths)


def tell(url: str, within: Path, chains: int, scale: float, ways: tuple[Way, ...] = WAYS) -> None:
    pace = Pace(median=MEDIAN * scale, sigma=SIGMA, images=1)
    best = bound(pace, chains)
    print(f"{chains} chains of two tasks, {TOGETHER} at once, median {pace.median:g} s; the bound is {best:.1f} s:")
    processes = []
    for way in ways:
        key = replace(pace, timed=way.learns).key(way.name.replace(" ", "-").replace(",", ""))
        asking = {"oracle": True} if way.interval is None else {"interval": way.interval * scale}
        process = started(way.module, url=url, key=key, items=chains, together=TOGETHER, within=within, **asking)
        processes.append((way, key, process))
    for way, key, process in processes:
        used(process)
        seen = counts(url, key)
        print(
            f"  {way.name:24} {seen.makespan / best:5.2f} of the bound {seen.polls / seen.tasks:6.1f} requests a task"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chains", description=__doc__)
    parser.add_argument("--chains", type=int, default=1000)
    parser.add_argument("--scale", type=float, default=1.0, help="of all times; below 0.3 the CPU is what is measured")
    parser.add_argument("--floors", type=float, nargs="+", help="other `polling:` intervals of mjpipe, in seconds")
    options = parser.parse_args()
    floors = [
        Way(name=f"mjpipe, floors of {floor:g} s", module="engine", interval=floor) for floor in options.floors or ()
    ]
    with running() as url, tempfile.TemporaryDirectory(prefix="mjpipe-") as folder:
        tell(url, Path(folder), options.chains, options.scale, tuple(floors) or WAYS)


if __name__ == "__main__":
    main()
