"""`mjpipe show`: all about one job."""

import json
from pathlib import Path

import click

from mjpipe.cli.campaign import JSON, MANIFEST, SANDBOX, STATE, open_campaign
from mjpipe.cli.terminal import terminal_width
from mjpipe.domain import UsageFault
from mjpipe.report import show_document, show_text


@click.command("show")
@MANIFEST
@click.argument("key")
@JSON
@SANDBOX
@STATE
def command(manifest: Path, key: str, *, as_json: bool, sandbox: bool, state: Path | None) -> None:
    """Tell all about the job KEY of MANIFEST: its request, its price, its history, its files, and what a run would do.

    Keys look like `hero/T-01/studio`; `mjpipe plan` and the reports name them.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    with campaign.preview() as records:
        job = records.job(key)
        if job is None:
            raise UsageFault(f"there is no job `{key}`", help=_near(key, [*records.keys()]))
    if as_json:
        click.echo(json.dumps(show_document(job, sandbox=sandbox), indent=2, ensure_ascii=False))
    else:
        click.echo(show_text(job, outputs=campaign.manifest.outputs.dir, width=terminal_width()), nl=False)


def _near(key: str, keys: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only needed for a typing mistake

    near = get_close_matches(key, keys, n=3)
    return f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else f"keys look like `{keys[0]}`"
