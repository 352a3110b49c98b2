"""What planning costs beside the bare loop: the same CSV read, the same compiled template rendered, prices added up.

    python -m benchmarks.plan [--rows 100000] [--rounds 3]

Each row meets two ratios. The plan checks, types and fingerprints every job, names its four paths and finds clashes.
Both work in processes of their own and take turns; the median of the rounds counts. Memory is compared with a plan of
1,000 rows. The whole command is `mjpipe plan` from the start of its process to the end: it also holds the jobs against
the ledger, and counts them.
"""

import argparse
import csv
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measure import Used, measured, started, used, used_by

FEW_ROWS = 1_000
RATIOS = ("1:1", "16:9")
PROMPTS = {
    "names alone": "a {{ material }} {{ name }} by {{ brand }}, {{ style }} photograph",
    "filters and ifs": "a {{ material | upper }} {{ name }} by {{ brand }}{% if style %} {{ style }}{% endif %}",
}
MANIFEST = """\
mjpipe: 1
campaign: benchmark
vars: {{brand: Kilnworks}}
inputs:
  products: {{csv: products.csv, key: sku}}
  looks: {{matrix: {{style: [studio], ratio: [1:1, 16:9]}}}}
outputs:
  dir: out
  path: "{{{{ node }}}}/{{{{ sku }}}}-{{{{ style }}}}-{{{{ ratio }}}}-{{{{ image }}}}.{{{{ ext }}}}"
nodes:
  hero:
    kind: generate
    for_each: [products, looks]
    params: {{prompt: "{prompt}", aspect_ratio: "{{{{ ratio }}}}", version: "7"}}
"""


def bare(folder: Path, prompt: str) -> None:
    from decimal import Decimal  # noqa: PLC0415 - each work loads what it needs, and no more

    import jinja2  # noqa: PLC0415 - as above

    template = jinja2.Environment(autoescape=False).from_string(prompt)
    total, price = Decimal(0), Decimal("0.20")
    with measured(), (folder / "products.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for ratio in RATIOS:
                template.render(row, brand="Kilnworks", style="studio", ratio=ratio)
                total += price


def plan(folder: Path, prompt: str) -> None:
    from mjpipe.domain import Job  # noqa: PLC0415 - as above
    from mjpipe.manifest import manifest_from  # noqa: PLC0415 - as above
    from mjpipe.plan import expand  # noqa: PLC0415 - as above
    from mjpipe.pricing import load_prices  # noqa: PLC0415 - as above

    total = 0

    def add_up(jobs: Sequence[Job]) -> None:
        nonlocal total
        for job in jobs:
            total += job.price or 0  # type: ignore[assignment]  # a sum of dollars, or nothing

    with measured():
        manifest = manifest_from(MANIFEST.format(prompt=prompt), folder / "campaign.yaml").manifest
        assert manifest is not None
        assert expand(manifest, load_prices(), add_up) == ()


WORKS: dict[str, Callable[[Path, str], None]] = {"bare": bare, "plan": plan}


def write_products(folder: Path, rows: int) -> None:
    folder.mkdir()
    with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "name", "material", "stock"])
        for number in range(rows):
            writer.writerow([f"T-{number:06}", f"teapot number {number}", ("oak", "steel")[number % 2], number % 7])


def measure(work: str, folder: Path, prompt: str) -> Used:
    return used(started("plan", work=work, folder=folder, prompt=prompt))


def command(folder: Path, prompt: str) -> Used:
    manifest = folder / "campaign.yaml"
    manifest.write_text(MANIFEST.format(prompt=prompt))
    return used_by([sys.executable, "-m", "mjpipe", "plan", str(manifest)])


def compare(rows: int, rounds: int, folder: Path) -> None:
    write_products(folder / "many", rows)
    write_products(folder / "few", FEW_ROWS)
    for name, prompt in PROMPTS.items():
        turns = [
            {work: measure(work, folder / "many", prompt) for work in WORKS}
            | {"command": command(folder / "many", prompt)}
            for _ in range(rounds)
        ]
        cpu = {work: statistics.median(turn[work].cpu for turn in turns) for work in turns[0]}
        ratio, whole = (
            statistics.median(turn[work].cpu / turn["bare"].cpu for turn in turns) for work in ("plan", "command")
        )
        memory = statistics.median(turn["plan"].memory for turn in turns)
        growth = memory - measure("plan", folder / "few", prompt).memory
        print(f"{rows * len(RATIOS):,} jobs, a prompt of {name}:")
        print(f"  bare loop {cpu['bare']:.2f} s, plan {cpu['plan']:.2f} s of CPU: {ratio:.1f} times")
        print(f"  the whole command, start and all, {cpu['command']:.2f} s of CPU: {whole:.1f} times")
        print(f"  memory {memory / 2**20:.0f} MiB, {growth / 2**20:.0f} MiB more than for {FEW_ROWS:,} rows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", choices=WORKS, help="do one piece of work here and print what it used")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--prompt")
    options = parser.parse_args()
    if options.work:
        WORKS[options.work](options.folder, options.prompt)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(options.rows, options.rounds, Path(folder))


if __name__ == "__main__":
    main()
