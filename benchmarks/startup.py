"""How long `mjpipe --help` and `--version` take beside an empty program on the same command-line library, and the CPU
of `mjpipe plan` of the quickstart beside a program that only imports the libraries that a plan needs.

    python -m benchmarks.startup [--rounds 15]

And the CPU of a run that has nothing to do, beside its plan.

Each is a process of its own; the programs take turns, and the median of the rounds counts.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import all_done

MJPIPE = ("-m", "mjpipe")
EMPTY = "import click\n@click.group()\ndef program(): pass\nprogram()"
PROGRAMS = {
    "an empty program": ("-c", EMPTY, "--help"),
    "mjpipe --help": (*MJPIPE, "--help"),
    "mjpipe --version": (*MJPIPE, "--version"),
}


def seconds(argv: tuple[str, ...]) -> tuple[float, float]:
    """Wall and CPU of a process."""
    begin, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, *argv], capture_output=True, check=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begin, cpu


def show(programs: Mapping[str, tuple[str, ...]], rounds: int, *, cpu: bool) -> None:
    """One line for each program; the first is the floor."""
    for argv in programs.values():
        seconds(argv)  # writes bytecode, and fills the caches of the disk
    seen: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, argv in programs.items():
            seen[name].append(seconds(argv)[cpu])
    medians = {name: statistics.median(times) for name, times in seen.items()}
    floor = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"{name:32}{median * 1000:7.0f} ms{' of CPU' if cpu else ''}{median / floor:7.2f}x")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    show(PROGRAMS, rounds, cpu=False)
    with TemporaryDirectory() as folder:
        subprocess.run([sys.executable, *MJPIPE, "init", folder], capture_output=True, check=True)
        plan = {
            "the libraries of a plan": ("-c", "import click, yaml, jinja2, jsonschema, networkx"),
            "mjpipe plan of the quickstart": (*MJPIPE, "plan", str(Path(folder) / "campaign.yaml")),
        }
        show(plan, rounds, cpu=True)
    all_done.tell_cpu(items=400, rounds=rounds)


if __name__ == "__main__":
    main()
