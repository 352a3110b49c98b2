"""What a run costs, beside a bare script, its own plan, and the best possible schedule: `docs/benchmarks.md`.

python -m benchmarks.run [--only 1|2|3|4] [--rounds 3] [--scale 1.0]
"""

import argparse
import statistics

from benchmarks import all_done, chains
from benchmarks.measure import Used, started, used
from benchmarks.service import Pace, running

TOGETHER = 16
ITEMS = 1_000
MANY = 10_000
PACE = Pace(median=0.0, sigma=0.0, images=4)
MEGABYTE = 1_000_000


def one(url: str, rounds: int) -> None:
    """CPU of an item, beside the bare script."""
    seen: dict[str, list[Used]] = {"bare": [], "engine": []}
    for number in range(rounds):
        for module, results in seen.items():
            results.append(_items(module, url, ITEMS, number))
    cpu = {module: statistics.median(result.cpu for result in results) / ITEMS for module, results in seen.items()}
    print(f"{ITEMS} items of two tasks and five images, {TOGETHER} at once, no latency:")
    print(f"  a bare script {cpu['bare'] * 1000:6.2f} ms CPU an item")
    print(f"  mjpipe        {cpu['engine'] * 1000:6.2f} ms CPU an item   {cpu['engine'] / cpu['bare']:.2f} times that")


def two(url: str) -> None:
    """CPU and memory of ten times as many items."""
    few, many = _items("engine", url, ITEMS, 0), _items("engine", url, MANY, 1)
    ratio = (many.cpu / MANY) / (few.cpu / ITEMS)
    print(f"mjpipe with {MANY} items in place of {ITEMS}:")
    print(f"  {ratio:.2f} times the CPU an item ({many.cpu / MANY * 1000:.2f} ms, {few.cpu / ITEMS * 1000:.2f} ms)")
    more = (many.memory - few.memory) / MEGABYTE
    print(f"  {more:+.0f} MB at its peak ({many.memory / MEGABYTE:.0f} MB, {few.memory / MEGABYTE:.0f} MB)")


def _items(module: str, url: str, items: int, number: int) -> Used:
    key = PACE.key(f"{module}-{items}-{number}")
    return used(started(module, url=url, key=key, items=items, together=TOGETHER))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--only", choices=("1", "2", "3", "4"), help="one of the four")
    parser.add_argument("--rounds", type=int, default=3, help="of the first; the median counts")
    parser.add_argument("--scale", type=float, default=1.0, help="of the latencies of the fourth")
    options = parser.parse_args()
    chosen = options.only or "1234"
    with running() as url:
        if "1" in chosen:
            one(url, options.rounds)
        if "2" in chosen:
            two(url)
        if "3" in chosen:
            all_done.tell(20_000, tries=2)
        if "4" in chosen:
            chains.tell(url, 1_000, options.scale)


if __name__ == "__main__":
    main()
