"""How long `mjpipe --help` and `--version` take beside an empty program on the same command-line library.

    python -m benchmarks.startup [--rounds 15]

Each is a process of its own; the programs take turns, and the median of the rounds counts.
"""

import argparse
import statistics
import subprocess
import sys
import time

EMPTY = "import click\n@click.group()\ndef program(): pass\nprogram()"
PROGRAMS = {
    "an empty program": ["-c", EMPTY, "--help"],
    "mjpipe --help": ["-m", "mjpipe", "--help"],
    "mjpipe --version": ["-m", "mjpipe", "--version"],
}


def seconds(argv: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *argv], capture_output=True, check=True)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    seen: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name, argv in PROGRAMS.items():
            seen[name].append(seconds(argv))
    floor = statistics.median(seen["an empty program"])
    for name, times in seen.items():
        median = statistics.median(times)
        print(f"{name:18}{median * 1000:7.0f} ms{median / floor:7.2f}x")


if __name__ == "__main__":
    main()
