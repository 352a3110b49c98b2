"""How long receipts take to be read, beside `json.loads` of the same lines.

    python -m benchmarks.receipts [--lines 1000000]

Twice: when nothing of them is known, and when the ledger knows all attempts, as after a `git pull` of one's own lines.
"""

import argparse
import json
import resource
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from mjpipe.ledger.receipts.reading import read_receipts

HASH = "0123456789abcdef" * 4
EVENTS = ("intent", "answered", "ended", "placed")


def lines(count: int) -> Iterator[str]:
    """Four of each attempt, as a run writes them."""
    for number in range(count // 4):
        facts = {
            "host": "api.apixo.ai",
            "campaign": "spring-teapots",
            "attempt": f"{number:016x}",
            "node": "hero",
            "key": f"hero/T-{number:06}/studio/1x1",
            "fingerprint": HASH,
            "mode": "text-to-image",
            "speed": "fast",
            "price": "0.20",
        }
        images = [
            {"number": image, "path": f"hero/{number}-{image}.png", "sha256": HASH, "size": 1} for image in range(4)
        ]
        additions: tuple[dict[str, object], ...] = (
            {},
            {"outcome": "accepted", "money": "reserved", "task": f"task_{number:024x}"},
            {"money": "spent", "images": 4},
            {"images": images},
        )
        for second, (event, added) in enumerate(zip(EVENTS, additions, strict=True)):
            said = {"mjpipe": 1, "event": event, "at": f"2026-11-27T20:00:0{second}.000Z", **facts, **added}
            yield json.dumps(said, separators=(",", ":")) + "\n"


def seconds(work: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    work()
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    count = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "0123456789ab-1.jsonl"
        with path.open("w") as file:
            file.writelines(lines(count))
        bare = seconds(lambda: deque((json.loads(line) for line in path.open("rb")), maxlen=0))
        known = {f"{number:016x}" for number in range(count // 4)}
        skipped = seconds(lambda: read_receipts(folder, known))
        whole = seconds(lambda: read_receipts(folder))
        size = path.stat().st_size / count
    print(f"{count:,} lines of {size:.0f} bytes: json.loads {bare:.1f} s of CPU")
    print(f"  all unknown  {whole:5.1f} s, {whole / bare:.1f} times that")
    print(f"  all known    {skipped:5.1f} s, {skipped / bare:.1f} times that")
    print(f"  at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB")


if __name__ == "__main__":
    main()
