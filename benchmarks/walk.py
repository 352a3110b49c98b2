"""How far the way of a row leads through mjpipe: calls from one module to another, and from one package to another, for
each planned row.

    python -m benchmarks.walk [--rows 2000]

Plans two campaigns in processes of their own, one with that many rows and one with half of them, so that what a plan
does once is left out. A call counts when the nearest caller of ours is in another module; what a module runs when it is
imported does not.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import FrameType

from benchmarks.plan import MANIFEST, PROMPTS, RATIOS, write_products

LISTED = 12
"""Pairs of packages that are shown."""


class Calls:
    """Counts, as a profile function of `sys.setprofile`."""

    def __init__(self) -> None:
        self.modules: Counter[tuple[str, str]] = Counter()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event != "call":
            return
        module = _module(frame)
        if module is None or frame.f_code.co_name == "<module>":
            return
        caller = frame.f_back
        while caller is not None and (before := _module(caller)) is None:
            caller = caller.f_back
        if caller is not None and before is not None and before != module:
            self.modules[before, module] += 1


def _module(frame: FrameType) -> str | None:
    name = frame.f_globals.get("__name__", "")
    return name if name.startswith("mjpipe.") else None


def plan(manifest: Path) -> None:
    from mjpipe.cli.main import program  # noqa: PLC0415 - what a plan loads is not counted

    calls = Calls()
    sys.setprofile(calls)
    try:
        program.main(args=["plan", str(manifest)], standalone_mode=False)
    finally:
        sys.setprofile(None)
    print(json.dumps([[*pair, count] for pair, count in calls.modules.items()]))


def calls_of(folder: Path, rows: int) -> Counter[tuple[str, str]]:
    write_products(folder, rows)
    manifest = folder / "campaign.yaml"
    manifest.write_text(MANIFEST.format(prompt=PROMPTS["names alone"]))
    argv = [sys.executable, "-m", "benchmarks.walk", "--work", str(manifest)]
    output = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Counter({(before, after): count for before, after, count in json.loads(output.splitlines()[-1])})


def package(module: str) -> str:
    return module.split(".")[1]


def show(calls: Counter[tuple[str, str]], rows: int) -> None:
    modules = {module for pair in calls for module in pair}
    packages: Counter[tuple[str, str]] = Counter()
    for (before, after), count in calls.items():
        if package(before) != package(after):
            packages[package(before), package(after)] += count
    print(f"{rows:,} planned rows, {len(RATIOS)} jobs each; for each row:")
    print(f"  {calls.total() / rows:6.1f} calls from one module to another, among {len(modules)} modules")
    values = sum(count for (_, after), count in packages.items() if after == "domain")
    print(
        f"  {packages.total() / rows:6.2f} calls from one package to another, {values / rows:.2f} of them to `domain`,"
    )
    print("         whose values and functions all share")
    for (before, after), count in packages.most_common(LISTED):
        print(f"  {count / rows:6.2f}   {before} -> {after}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.walk", description=__doc__)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--work", type=Path, help="plan this manifest here, and print the calls")
    options = parser.parse_args()
    if options.work:
        plan(options.work)
        return
    with tempfile.TemporaryDirectory() as name:
        many = calls_of(Path(name) / "many", options.rows)
        many.subtract(calls_of(Path(name) / "half", options.rows // 2))
    show(+many, options.rows - options.rows // 2)


if __name__ == "__main__":
    main()
