"""Reporting: write the reports of a campaign, after a run or on request."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.ledger import AttemptRecord, JobRecord, Reader, Records
from mjpipe.manifest import ChosenImages
from mjpipe.plan import read_columns_in_use
from mjpipe.report import ReportedCampaign, Written, nobody_picks, write_reports, write_requested


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """`outputs` is the folder of the reports; `outputs_before` the folder that images are still in, None if it is the
    same.
    """

    written: Written
    outputs: Path
    outputs_before: Path | None


def report(
    campaign: Campaign,
    *,
    by: Sequence[str] = (),
    requested: Mapping[str, Path] | None = None,
    rewrite: bool = True,
    all_columns: bool = False,
) -> Reported:
    """Writes the reports from the state. Without `rewrite`, tables that would not change are not written.

    `requested` are further formats by their names, and their files. `costs.csv` has the columns of rows that name
    them or that a template uses, and those of `by`; with `all_columns` all that rows have. Raises UsageFault for a
    column that no job has.
    """
    outputs = campaign.manifest.outputs.dir
    with campaign.records(reporting=True) as records, records.snapshot():
        before = campaign.outputs_before(records.ledger)
        since = records.run_began()
        reported = _reported(campaign, records, all_columns=all_columns)
        written = write_reports(records, outputs, reported, since=since, by=by, rewrite=rewrite)
        write_requested(records, written.costs, requested or {})
    return Reported(written=written, outputs=outputs, outputs_before=before)


def renew_reports(campaign: Campaign) -> None:
    """Writes the reports again if the campaign has reports and they would change."""
    with campaign.records(reporting=True) as records, records.snapshot():
        if records.run_began() is not None and campaign.outputs_before(records.ledger) is None:
            write_reports(
                records, campaign.manifest.outputs.dir, _reported(campaign, records), since=records.run_began()
            )


def _reported(campaign: Campaign, records: Records, *, all_columns: bool = False) -> ReportedCampaign:
    return ReportedCampaign(
        name=campaign.manifest.campaign,
        was=campaign.manifest.was,
        sandbox=campaign.sandbox,
        price_source=campaign.prices.source,
        price_date=campaign.prices.date,
        nodes=tuple(campaign.manifest.nodes),
        own_prices=campaign.manifest.price_overrides,
        picked=_Picked(campaign, records.ledger) if campaign.picks.lines else nobody_picks,
        columns=None if all_columns else read_columns_in_use(campaign.manifest),
        picks_hash=sha256(campaign.picks.content or b"").hexdigest(),
    )


class _Picked:
    """The images that the picks file picks, for the nodes that wait for a person's picks, or else for all."""

    def __init__(self, campaign: Campaign, ledger: Reader) -> None:
        self._history = campaign.history(ledger)
        self._decided = self._history.decided()
        self._consumers: dict[str, list[str]] = defaultdict(list)
        for node in campaign.manifest.nodes.values():
            for source in node.sources if node.images is ChosenImages.PICK else ():
                self._consumers[source].append(node.name)

    def __call__(self, job: JobRecord, attempt: AttemptRecord) -> frozenset[int] | None:
        """All of its consumers' picks; None unless somebody has picked, or has decided for all of them."""
        result, task = job.result, attempt.task
        known = job.key in self._decided.keys or job.fingerprint in self._decided.fingerprints
        if not known or task is None or result is None or result.task is None:
            return None
        consumers = self._consumers.get(job.node) or [""]
        # A line that names no task is about the result: that has to be asked about first.
        lines = [self._history.picked(job.key, result.task, consumer) for consumer in consumers]
        if attempt is not result:
            lines = [self._history.picked(job.key, task, consumer) for consumer in consumers]
        picked = frozenset(number for line in lines if line is not None for number in line.images)
        return picked if picked or None not in lines else None
