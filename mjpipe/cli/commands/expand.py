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
from mjpipe.report import inert, path_with_placeholder, request_with_placeholder


def _print_json_lines(lines: Iterable[Mapping[str, Any]]) -> None:
    for line in lines:
        say(json_text(line))


def _print_csv(lines: Iterable[Mapping[str, Any]]) -> None:
    """Each cell as spreadsheets leave it alone."""
    lines = list(lines)
    columns = list(dict.fromkeys(column for line in lines for column in line))
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(cell_text(inert(column) or "") for column in columns)
    table.writerows([cell_text(inert(_cell(line.get(column))) or "") for column in columns] for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    return value if isinstance(value, str) else json_text(value)


FORMATS = {"csv": _print_csv, "jsonl": _print_json_lines}

_FIRST = ("key", "node", "prompt")
"""Columns of the table that stand before the others."""


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

    The table has a column for each field of a request, for each column of a row (row.NAME) and for each label
    (label.NAME). A cell that a spreadsheet would take for a formula begins with ' there.
    """
    campaign = open_campaign(manifest, state=state, sandbox=sandbox)
    pairs, warnings = planned_jobs(campaign, Narrowing(campaign.manifest, part))
    print_warnings(warnings)
    if only_rows:
        roots = {json.dumps(dict(job.row)): dict(job.row) for job, _ in pairs if job.depth == 0}
        FORMATS[form](roots.values())
    else:
        lines = (_line(job, standing) for job, standing in pairs)
        FORMATS[form](map(_flat, lines) if form == "csv" else lines)


def _flat(line: Mapping[str, Any]) -> dict[str, Any]:
    """The line of a job as cells of a table."""
    request, row, labels = line["request"], line["row"], line["labels"]
    cells = {
        **dict.fromkeys(_FIRST),
        **{name: value for name, value in line.items() if name not in ("request", "row", "labels", "fingerprint")},
        **request,
        **{f"row.{name}": value for name, value in row.items()},
        **{f"label.{name}": value for name, value in labels.items()},
    }
    return {**cells, "fingerprint": line["fingerprint"]}


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
