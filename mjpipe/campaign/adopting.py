"""Adopting: take over the results of a state that is lost, so that nothing of them is paid again."""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from mjpipe.campaign.adoption_result import AdoptionResult
from mjpipe.campaign.endpoint import host_of_run
from mjpipe.campaign.evidence import OtherState, read_other_state
from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.outputs import mark_outputs
from mjpipe.campaign.recovering import recover_known, result_of
from mjpipe.campaign.reporting import renew_reports
from mjpipe.domain import Diagnostic
from mjpipe.ledger import Ledger


def adopt(campaign: Campaign, *, other: Path | None = None) -> AdoptionResult:
    """Records all that receipts, `assets.jsonl` and picks say of attempts that the state does not know, and all that
    an `other` state says, a folder or a ledger. Sends nothing.

    Raises Locked, InvalidManifest, StateFault for damaged receipts, and UsageFault for a state of another manifest or
    service; then nothing is recorded.
    """
    host = host_of_run(sandbox=campaign.sandbox)
    copy_of = _made_own(campaign)
    also = OtherState() if other is None else read_other_state(other, campaign, host)
    with campaign.writing(host=host) as ledger:
        ledger.bindings.check_host(host)
        result = adopt_known(campaign, ledger, host, also=also)
    if result.attempts:
        renew_reports(campaign)
    return replace(result, copy_of=copy_of)


def adopt_known(campaign: Campaign, ledger: Ledger, host: str, *, also: OtherState | None = None) -> AdoptionResult:
    """The same for a ledger that is open, in a transaction of its own: what was taken over stays, whatever comes
    next.
    """
    with ledger.transaction():
        recovery = recover_known(campaign, ledger, host, outputs=campaign.manifest.outputs.dir, also=also)
        warnings = _adopt_plan(campaign, ledger) if recovery.attempts else ()
        result = replace(result_of(ledger, recovery), warnings=warnings)
    if recovery.attempts and campaign.manifest.outputs.dir.is_dir():
        mark_outputs(campaign.manifest, ledger)
    return result


def _made_own(campaign: Campaign) -> Path | None:
    """Makes the copy of a state one of its own; returns the folder of the other."""
    with campaign.reading() as reader:
        original = campaign.folder.original(reader)
    if original is not None:
        with campaign.folder.lock(), closing(Ledger.open(campaign.folder.ledger)) as ledger:
            campaign.folder.make_own(ledger)
    return original


def _adopt_plan(campaign: Campaign, ledger: Ledger) -> Sequence[Diagnostic]:
    campaign.folder.bind_owner(ledger, campaign.manifest.path)
    if ledger.bindings.get("outputs") is None:
        ledger.bind.outputs(os.path.relpath(campaign.manifest.outputs.dir, campaign.manifest.path.parent))
    ledger.bind.write_deferred()
    with ledger.adopting() as adoption:
        expanded = campaign.expand(ledger, adoption.take)
        adoption.finish()
        ledger.bind.all(expanded.bindings)
    return expanded.warnings
