"""Writing the reports of a campaign, all of them from one reading of its ledger."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from mjpipe.domain import json_text
from mjpipe.files import first_free, move_file, replacing, state_faults
from mjpipe.ledger import ChangedByHand, Records
from mjpipe.report.formats.assets_jsonl import asset_lines
from mjpipe.report.formats.costs_csv import AttemptTable
from mjpipe.report.formats.costs_json import costs_document
from mjpipe.report.ownership import ASSETS, foreign_records
from mjpipe.report.table_stamps import stamp_of, stamp_text, stamps_below
from mjpipe.report.text.digest import NAMED
from mjpipe.report.totals.campaign import ReportedCampaign
from mjpipe.report.totals.costs import Costs, collect_costs

COSTS_CSV = "report/costs.csv"
COSTS_JSON = "report/costs.json"
TABLES = (ASSETS, COSTS_CSV)

WRITE_AGAIN = "`mjpipe report M` writes the reports again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where the reports are, and what they say. `attempts` and `images` count lines of `costs_csv` and `assets`.

    `other` is the campaign whose costs these took the place of, None when they were our own, or none. `set_aside` is
    where another's `assets.jsonl` is now, None when there was none. `by_hand` are images that somebody has changed.
    """

    costs: Costs
    costs_json: Path
    costs_csv: Path
    assets: Path
    other: str | None
    set_aside: Path | None
    by_hand: ChangedByHand

    @property
    def attempts(self) -> int:
        return self.costs.wanted.attempts + self.costs.orphans.attempts

    @property
    def images(self) -> int:
        return self.costs.wanted.images + self.costs.orphans.images


def write_reports(
    records: Records,
    outputs: Path,
    campaign: ReportedCampaign,
    *,
    since: float | None,
    by: Sequence[str] = (),
    rewrite: bool = True,
) -> Written:
    """Writes `report/costs.json`, `report/costs.csv` and `assets.jsonl` below `outputs`; see `collect_costs`.

    Lines are in the order of the plan, then come the orphans. The two tables of a campaign take the longest. Without
    `rewrite` they are left alone when they are as we wrote them and would say the same now. Raises StateFault when the
    disk refuses, and UsageFault for an unknown column and where `assets.jsonl` lists what this ledger did not make
    (see `foreign_records`); then the reports that were there stay as they were. In the sandbox, where nothing costs,
    such an `assets.jsonl` is set aside.
    """
    before = _campaign_of(outputs / COSTS_JSON)
    with records.snapshot():
        foreign = foreign_records(outputs, records.ledger)
        if foreign is not None and not campaign.sandbox:
            raise foreign.fault()
        costs = collect_costs(records, campaign, since=since, by=by)
        by_hand = records.changed_by_hand(NAMED)
        set_aside = None if foreign is None else _set_aside(foreign.path)
        with ExitStack() as stack:
            current = records.reported() == stamp_text(stamps_below(outputs, TABLES), sandbox=campaign.sandbox)
            stamps = None
            if rewrite or not current:
                stamps = _write_tables(records, outputs, stack, sandbox=campaign.sandbox)
            costs_json = stack.enter_context(replacing(outputs / COSTS_JSON, then=WRITE_AGAIN))
            costs_json.write(json_text(costs_document(costs), indent=2))
            costs_json.write("\n")
        if stamps is not None:
            records.remember_reported(stamps)
    return Written(
        costs=costs,
        costs_json=outputs / COSTS_JSON,
        costs_csv=outputs / COSTS_CSV,
        assets=outputs / ASSETS,
        other=None if before == campaign.name else before,
        set_aside=set_aside,
        by_hand=by_hand,
    )


def _set_aside(assets: Path) -> Path:
    """Gives an `assets.jsonl` a name at which nothing takes its place. Raises StateFault."""
    with state_faults(assets):
        target = first_free(assets.with_name(f"{assets.stem}.{number}{assets.suffix}") for number in count(1))
        move_file(assets, target)
    return target


def _campaign_of(costs_json: Path) -> str | None:
    """The campaign of a costs file, None when it cannot be read."""
    try:
        return str(json.loads(costs_json.read_bytes())["campaign"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_tables(records: Records, outputs: Path, stack: ExitStack, *, sandbox: bool) -> str:
    """Writes what takes its place when `stack` ends; gives the text of their stamps."""
    assets = stack.enter_context(replacing(outputs / ASSETS, then=WRITE_AGAIN))
    costs_csv = stack.enter_context(replacing(outputs / COSTS_CSV, then=WRITE_AGAIN))
    table = AttemptTable(
        costs_csv, sandbox=sandbox, rows=records.columns_tried("row"), labels=records.columns_tried("labels")
    )
    for job in records.jobs():
        table.add(job)
        assets.writelines(f"{line}\n" for line in asset_lines(job, sandbox=sandbox))
    return stamp_text({ASSETS: stamp_of(assets), COSTS_CSV: stamp_of(costs_csv)}, sandbox=sandbox)
