"""Writing the reports of a campaign, all of them from one reading of its records."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mjpipe.ledger import Records
from mjpipe.report.assets import asset_lines
from mjpipe.report.attempt_table import AttemptTable
from mjpipe.report.costs import Collector, Costs
from mjpipe.report.costs_document import costs_document
from mjpipe.report.files import replacing


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where the reports are, and what they say. `attempts` and `images` count lines of `costs_csv` and `assets`."""

    costs: Costs
    costs_json: Path
    costs_csv: Path
    assets: Path
    attempts: int
    images: int


def write_reports(
    records: Records,
    outputs: Path,
    *,
    campaign: str,
    sandbox: bool,
    price_source: str,
    price_date: str,
    since: float | None,
    by: Sequence[str] = (),
) -> Written:
    """Writes `report/costs.json`, `report/costs.csv` and `assets.jsonl` below `outputs`; see `collect_costs`.

    Lines are in the order of the plan, then come the orphans. Raises StateFault when the disk refuses and UsageFault
    for an unknown column; then the reports that were there stay as they were.
    """
    folder = outputs / "report"
    costs_json, costs_csv, assets = folder / "costs.json", folder / "costs.csv", outputs / "assets.jsonl"
    collector = Collector(since=since, by=by)
    images = 0
    with ExitStack() as stack:
        asset_file = stack.enter_context(replacing(assets))
        csv_file = stack.enter_context(replacing(costs_csv))
        json_file = stack.enter_context(replacing(costs_json))
        table = stack.enter_context(AttemptTable(sandbox=sandbox, spool_in=folder))
        for job in records.jobs():
            collector.add(job)
            table.add(job)
            for line in asset_lines(job, sandbox=sandbox):
                asset_file.write(f"{line}\n")
                images += 1
        costs = collector.costs(campaign=campaign, sandbox=sandbox, price_source=price_source, price_date=price_date)
        table.write(csv_file)
        json.dump(costs_document(costs), json_file, ensure_ascii=False, indent=2)
        json_file.write("\n")
    return Written(
        costs=costs,
        costs_json=costs_json,
        costs_csv=costs_csv,
        assets=assets,
        attempts=table.lines,
        images=images,
    )
