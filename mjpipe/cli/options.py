"""Arguments and options that several commands share."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mjpipe.domain import Usd, usd

_CAMPAIGN = "mjpipe.campaign"


def _noted(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """`value`, which `help_as_typed` finds when the command has failed."""
    ctx.meta.setdefault(_CAMPAIGN, {})[param.name] = value
    return value


MANIFEST = click.argument("manifest", type=click.Path(path_type=Path), callback=_noted)
STATE = click.option(
    "--state",
    callback=_noted,
    type=click.Path(file_okay=False, path_type=Path),
    help="The state folder. [default: .mjpipe/CAMPAIGN beside the manifest]",
)
SANDBOX = click.option(
    "--sandbox", is_flag=True, callback=_noted, help="Use the campaign's sandbox state, not the real one."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
BY = click.option("--by", multiple=True, metavar="COLUMN", help="Also report costs by this column or label.")
FILE = click.Path(dir_okay=False, path_type=Path)


def with_part_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options that choose a part of the plan; it takes them as one `part`."""

    @wraps(command)
    def with_part(*args: Any, select: Any, exclude: Any, sample: Any, of: Any, **options: Any) -> Any:
        from mjpipe.plan import PartAsTyped  # noqa: PLC0415 - loaded by any command that has a campaign

        part = PartAsTyped(select=select, exclude=exclude, sample=sample, of=of)
        return command(*args, part=part, **options)

    return _SELECT(_EXCLUDE(_SAMPLE(_OF(with_part))))


_SELECT = click.option(
    "--select",
    multiple=True,
    metavar="TERM",
    help="Only these jobs: NODE, NODE+, +NODE, KEY, COLUMN=VALUE or state:STATE; * stands for any characters.",
)
_EXCLUDE = click.option("--exclude", multiple=True, metavar="TERM", help="Not these jobs; the same terms as --select.")
_SAMPLE = click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only N rows of the first input, the same ones each time, with all that is made from them.",
)
_OF = click.option("--of", metavar="INPUT", help="With --sample: N rows of this input.")


def help_as_typed(text: str, ctx: click.Context) -> str:
    """The help of a fault with this command's campaign in place of the `M` of its commands."""
    from mjpipe.campaign import typed_campaign  # noqa: PLC0415 - loaded already by any command that has a campaign
    from mjpipe.report import with_campaign_typed  # noqa: PLC0415 - as above

    noted = ctx.meta.get(_CAMPAIGN, {})
    if "manifest" not in noted:
        return text
    typed = typed_campaign(noted["manifest"], state=noted.get("state"), sandbox=noted.get("sandbox", False))
    return with_campaign_typed(text, typed)


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
