"""Arguments and options that several commands share."""

from pathlib import Path

import click

MANIFEST = click.argument("manifest", type=click.Path(path_type=Path))
STATE = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="The state folder. [default: .mjpipe/CAMPAIGN beside the manifest]",
)
SANDBOX = click.option("--sandbox", is_flag=True, help="The campaign's sandbox state instead of the real one.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
BY = click.option("--by", multiple=True, metavar="COLUMN", help="Also report costs by a column or label.")
FILE = click.Path(dir_okay=False, path_type=Path)
JUNIT = click.option("--junit", type=FILE, help="Also write a JUnit file.")
GITHUB = click.option("--github", is_flag=True, help="Also write the GitHub step summary ($GITHUB_STEP_SUMMARY).")
