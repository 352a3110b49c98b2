"""`mjpipe show`: all about one job."""

import time
from pathlib import Path

import click

from mjpipe.cli.campaign import JSON, MANIFEST, SANDBOX, STATE, Campaign, open_campaign
from mjpipe.cli.keys import near_keys
from mjpipe.cli.known import Known
from mjpipe.cli.terminal import say, terminal_width
from mjpipe.domain import Job, JsonObject, UsageFault, json_text
from mjpipe.plan import composition
from mjpipe.report import json_lines, show_document, show_text, shown_request


@click.command("show")
@MANIFEST
@click.argument("key")
@JSON
@SANDBOX
@STATE
def command(manifest: Path, key: str, *, as_json: bool, sandbox: bool, state: Path | None) -> None:
    """Show all about the job KEY of MANIFEST: its request, price, fingerprint, history, files, and what a run would do.

    Keys look like `hero/T-01/studio`; `mjpipe expand M` and the reports name them.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    planned: list[Job] = []
    with campaign.preview(lambda job: planned.append(job) if job.key == key else None) as records:
        job = records.job(key)
        if job is None:
            raise UsageFault(f"there is no job `{key}`", help=near_keys(key, [*records.keys()]))
        closed_until = records.ledger.closed_until(time.time())
        outputs = campaign.outputs_before(records.ledger) or campaign.manifest.outputs.dir
        known = campaign.known(records.ledger)
        made_of = _composition(campaign, planned[0], known) if planned else None  # an orphan is in no plan
    if as_json:
        document = {**show_document(job, sandbox=sandbox, closed_until=closed_until), "fingerprint_of": made_of}
        say(json_text(document, indent=2))
        return
    say(show_text(job, outputs=outputs, width=terminal_width(), closed_until=closed_until), nl=False)
    if made_of is not None:
        say(f"  fingerprint\n    {job.fingerprint}, which is the hash of")
        say("\n".join(f"    {line}" for line in json_lines(made_of)))


def _composition(campaign: Campaign, job: Job, known: Known) -> JsonObject:
    parts = composition(campaign.manifest, job, known)
    return {**parts, "input": shown_request(parts["input"])}
