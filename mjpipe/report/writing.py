"""Writing the reports of a campaign, all of them from one reading of its ledger."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mjpipe.files import appending, replacing
from mjpipe.ledger import ChangedByHand, Records
from mjpipe.report.formats import FORMATS, ON_REQUEST, Document, Table
from mjpipe.report.formats.assets_jsonl import ASSETS
from mjpipe.report.formats.costs_csv import COSTS_CSV
from mjpipe.report.formats.costs_json import COSTS_JSON
from mjpipe.report.ownership import campaign_of_reports, foreign_records, set_records_aside
from mjpipe.report.table_stamps import Stamp, stamp_of, stamp_text, stamps_below
from mjpipe.report.text.causes import NAMED
from mjpipe.report.totals.campaign import ReportedCampaign
from mjpipe.report.totals.costs import Costs, collect_costs

TABLES = {form.path: form for form in FORMATS if isinstance(form, Table) and form.path}
DOCUMENTS = {form.path: form for form in FORMATS if isinstance(form, Document) and form.path}
"""By their paths below `outputs.dir`: what each report writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where the reports are, and what they say. `attempts` and `images` count lines of `costs_csv` and `assets`.

    `other` is the campaign whose costs these replaced, None when they were our own or there were none. `set_aside` is
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
    """Writes each format that has a path below `outputs`; see `collect_costs`.

    The tables take the longest. Without `rewrite` they are left alone when they are as we wrote them and would say the
    same now. Raises StateFault when the disk refuses, and UsageFault for an unknown column and where `assets.jsonl`
    lists what this ledger did not make (see `foreign_records`); then the reports that were there stay as they were. In
    the sandbox, where nothing costs, such an `assets.jsonl` is set aside.
    """
    before = campaign_of_reports(outputs)
    with records.snapshot():
        foreign = foreign_records(outputs, records.ledger)
        if foreign is not None and not campaign.sandbox:
            raise foreign.fault()
        costs = collect_costs(records, campaign, since=since, by=by)
        by_hand = records.changed_by_hand(NAMED)
        set_aside = None if foreign is None else set_records_aside(outputs)
        with ExitStack() as stack:
            current = records.reported() == _stamp_text(stamps_below(outputs, TABLES), campaign, by)
            stamps = None
            if rewrite or not current:
                stamps = _write_tables(records, outputs, costs, stack)
            for path, document in DOCUMENTS.items():
                document.write(stack.enter_context(_replacing(outputs / path)), costs, records)
        if stamps is not None:
            records.remember_reported(stamps)
    return Written(
        costs=costs,
        costs_json=outputs / COSTS_JSON,
        costs_csv=outputs / COSTS_CSV,
        assets=outputs / ASSETS,
        other=None if before in (campaign.name, *campaign.was) else before,
        set_aside=set_aside,
        by_hand=by_hand,
    )


def write_requested(records: Records, costs: Costs, files: Mapping[str, Path]) -> None:
    """Writes formats of `ON_REQUEST`, by their names, to these files. `costs` are those of `records`.

    Raises StateFault when the disk refuses.
    """
    for name, path in files.items():
        form = ON_REQUEST[name]
        with _replacing(path) if form.added_to is None else appending(path) as file:
            form.write(file, costs, records)


def _write_tables(records: Records, outputs: Path, costs: Costs, stack: ExitStack) -> str:
    """Writes the tables in one reading of the jobs, and returns their stamps. They are replaced when `stack` ends."""
    files = {path: stack.enter_context(_replacing(outputs / path)) for path in TABLES}
    with ExitStack() as tables:
        writing = [tables.enter_context(table.begin(files[path], costs, records)) for path, table in TABLES.items()]
        for job in records.jobs():
            for write_job in writing:
                write_job(job)
    return _stamp_text({path: stamp_of(file) for path, file in files.items()}, costs.campaign, tuple(costs.by))


def _stamp_text(stamps: Mapping[str, Stamp | None], campaign: ReportedCampaign, by: Sequence[str]) -> str:
    kept = campaign.columns
    more = sorted(column for column in by if kept is not None and column not in kept)
    columns = "all" if kept is None else f"{kept.stamp} {more}"
    return stamp_text(stamps, sandbox=campaign.sandbox, beside=f"{campaign.picks_hash} {columns}")


def _replacing(path: Path) -> AbstractContextManager[TextIO]:
    return replacing(path, then="`mjpipe report M` writes the reports again")
