"""What a run costs, beside a bare script, its own plan, and the best possible schedule: `docs/benchmarks.md`.

python -m benchmarks.run [--only 1|2|3|4] [--rounds 3] [--scale 1.0]
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks import all_done, chains
from benchmarks.measure import Used, started, used
from benchmarks.service import Pace, running

TOGETHER = 16
ITEMS = 1_000
MANY = 10_000
PACE = Pace(median=0.0, sigma=0.0, images=4)
MEGABYTE = 1_000_000


def one(url: str, within: Path, rounds: int) -> None:
    """CPU of an item, beside the bare script."""
    ways: dict[str, tuple[str, dict[str, object]]] = {
        "saves at each change": ("bare", {}),
        "saves once a second": ("bare", {"save_each": 1.0}),
        "mjpipe": ("engine", {}),
    }
    seen: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds):
        for way, (module, options) in ways.items():
            key = f"{way.replace(' ', '-')}-{number}"
            seen[way].append(_items(module, url, within, ITEMS, key, **options).cpu / ITEMS * 1000)
    cpu = {way: statistics.median(milliseconds) for way, milliseconds in seen.items()}
    print(f"{ITEMS} items of two tasks and five images, {TOGETHER} at once, no latency:")
    for way in list(ways)[:-1]:
        print(f"  a bare script that {way:21} {cpu[way]:6.2f} ms CPU an item")
    times = " and ".join(f"{cpu['mjpipe'] / cpu[way]:.2f}" for way in list(ways)[:-1])
    print(f"  mjpipe {'':33} {cpu['mjpipe']:6.2f} ms CPU an item   {times} times that")


def two(url: str, within: Path) -> None:
    """CPU and memory of ten times as many items."""
    few, many = (_items("engine", url, within, items, f"{items}") for items in (ITEMS, MANY))
    ratio = (many.cpu / MANY) / (few.cpu / ITEMS)
    print(f"mjpipe with {MANY} items in place of {ITEMS}:")
    print(f"  {ratio:.2f} times the CPU an item ({many.cpu / MANY * 1000:.2f} ms, {few.cpu / ITEMS * 1000:.2f} ms)")
    more = (many.memory - few.memory) / MEGABYTE
    print(f"  {more:+.0f} MB at its peak ({many.memory / MEGABYTE:.0f} MB, {few.memory / MEGABYTE:.0f} MB)")


def _items(module: str, url: str, within: Path, items: int, name: str, **options: object) -> Used:
    return used(started(module, url=url, key=PACE.key(name), items=items, together=TOGETHER, within=within, **options))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--only", choices=("1", "2", "3", "4"), help="one of the four")
    parser.add_argument("--rounds", type=int, default=3, help="of the first; the median counts")
    parser.add_argument("--scale", type=float, default=1.0, help="of the latencies of the fourth")
    options = parser.parse_args()
    chosen = options.only or "1234"
    # Nothing is removed before the end: after that a file system may look longer for a free inode.
    with running() as url, tempfile.TemporaryDirectory(prefix="mjpipe-") as folder:
        if "1" in chosen:
            one(url, Path(folder), options.rounds)
        if "2" in chosen:
            two(url, Path(folder))
        if "3" in chosen:
            all_done.tell(20_000, tries=2)
        if "4" in chosen:
            chains.tell(url, Path(folder), 1_000, options.scale)


if __name__ == "__main__":
    main()
