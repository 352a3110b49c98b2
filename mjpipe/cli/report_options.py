"""An option for each format that the reports of a campaign are written in on request."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mjpipe.campaign import Campaign
from mjpipe.cli.options import FILE
from mjpipe.report import ON_REQUEST, Format

REPORT_OPTIONS = tuple(f"--{name}" for name in ON_REQUEST)


ALL_COLUMNS = click.option(
    "--all-columns",
    is_flag=True,
    help="Put all columns of the rows into costs.csv, not only those that name a row or are used.",
)


def with_report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command these options. It takes them as `**formats`, for `requested_files`."""
    for form in reversed(ON_REQUEST.values()):
        command = _option(form)(command)
    return command


def requested_files(campaign: Campaign, formats: Mapping[str, Path | bool | None]) -> dict[str, Path]:
    """The files of the formats whose options were typed. Raises UsageFault for one that has no file here, and where
    what the campaign needs would be replaced.
    """
    typed = {name: value for name, value in formats.items() if value}
    for value in typed.values():
        if isinstance(value, Path):
            campaign.refuse_to_replace(value)
    return {name: value if isinstance(value, Path) else _file_here(ON_REQUEST[name]) for name, value in typed.items()}


def _option(form: Format) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    if form.added_to is None:
        return click.option(f"--{form.name}", type=FILE, help=f"Also write {form.what}.")
    return click.option(f"--{form.name}", is_flag=True, help=f"Also write {form.what}.")


def _file_here(form: Format) -> Path:
    assert form.added_to is not None, "other formats have the file that was typed"
    return form.added_to()
