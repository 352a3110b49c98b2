"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Any

import click

from mjpipe.domain import Usd, usd

MANIFEST = click.argument("manifest", type=click.Path(path_type=Path))
STATE = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="The state folder. [default: .mjpipe/CAMPAIGN beside the manifest]",
)
SANDBOX = click.option("--sandbox", is_flag=True, help="Use the campaign's sandbox state, not the real one.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
BY = click.option("--by", multiple=True, metavar="COLUMN", help="Also report costs by this column or label.")
FILE = click.Path(dir_okay=False, path_type=Path)


class Dollars(click.ParamType[Usd]):
    """`25`, `25.00` or `$25.00`, exact."""

    name = "USD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Usd:
        try:
            amount = usd(str(value).removeprefix("$"))
        except ValueError as fault:
            self.fail(str(fault), param, ctx)
        if amount < 0:
            self.fail(f"`{value}` is below zero", param, ctx)
        return amount


DOLLARS = Dollars()
