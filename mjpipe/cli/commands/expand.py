"""`mjpipe expand`: print the jobs or the rows."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from mjpipe.campaign import Narrowing, open_campaign, planned_jobs
from mjpipe.cli.options import MANIFEST, SANDBOX, STATE, with_part_options
from mjpipe.cli.printing.warnings import print_warnings
from mjpipe.cli.terminal import cell_text, say
from mjpipe.domain import Job, Standing, decimal_text, json_text
from mjpipe.plan import PartAsTyped
from mjpipe.report import path_with_placeholder, request_with_placeholder


def _print_json_lines(lines: Iterable[Mapping[str, Any]]) -> None:
    for line in lines:
        say(json_text(line))


def _print_csv(lines: Iterable[Mapping[str, Any]]) -> None:
    lines = list(lines)
    columns = list(dict.fromkeys(column for line in lines for column in line))
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(map(cell_text, columns))
    table.writerows([cell_text(_cell(line.get(column))) for column in columns] for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json_text(value)


FORMATS = {"csv": _print_csv, "jsonl": _print_json_lines}


@click.command("expand")
@MANIFEST
@click.option("--rows", "only_rows", is_flag=True, help="Print the rows of the inputs instead of the jobs.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS]),
    default="jsonl",
    show_default=True,
    help="A table, or one JSON object per line.",
)
@with_part_options
@SANDBOX
@STATE
def command(
    manifest: Path, *, only_rows: bool, form: str, part: PartAsTyped, sandbox: bool, state: Path | None
) -> None:
    """Print the jobs of MANIFEST in the order of the plan, or the rows that they are made from.

    A row holds the columns of all inputs of a node; a row that several nodes use is printed once. If the manifest has
    mistakes, nothing is printed. A file or a pipe gets the exact text; on a terminal, � replaces characters that could
    control it.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    pairs, warnings = planned_jobs(campaign, Narrowing(campaign.manifest, part))
    print_warnings(warnings)
    if only_rows:
        roots = {json.dumps(dict(job.row)): dict(job.row) for job, _ in pairs if job.depth == 0}
        FORMATS[form](roots.values())
    else:
        FORMATS[form](_line(job, standing) for job, standing in pairs)


def _line(job: Job, standing: Standing) -> dict[str, Any]:
    return {
        "key": job.key,
        "node": job.node,
        "state": standing.state.value,
        "usd": None if job.price is None else decimal_text(job.price),
        "fingerprint": job.fingerprint,
        "source": None if job.source is None else job.source.key,
        "image": None if job.source is None else job.source.number,
        "request": request_with_placeholder(job.request),
        "paths": [path_with_placeholder(path) for path in job.paths],
        "row": dict(job.row),
        "labels": dict(job.labels),
    }
