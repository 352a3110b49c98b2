"""`mjpipe prices`: print the price table."""

import click

from mjpipe.cli.terminal import say
from mjpipe.domain import decimal_text, dollars, json_text
from mjpipe.pricing import Price, load_prices


@click.command("prices")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Print the documented prices, with their source and the day they were read.

    What is not in the table (enhance; is_hd other than version 8.1 with fast) is unpriced. Plans count unpriced jobs
    separately, and under a budget they wait. `prices:` in a manifest adds what is missing.
    """
    table = load_prices()
    if as_json:
        document = {
            "schema_version": 1,
            "source": table.source,
            "date": table.date,
            "prices": [
                {
                    "mode": price.mode,
                    "speed": price.speed,
                    "version": price.version,
                    "is_hd": price.is_hd,
                    "usd": decimal_text(price.usd),
                }
                for price in table.prices
            ],
        }
        say(json_text(document, indent=2))
        return
    for price in table.prices:
        say(f"{price.mode:<16}{_conditions(price):<28}{dollars(price.usd):>7}")
    say("enhance, and is_hd otherwise: unpriced (no page documents a price)")
    say(f"source: {table.source}, read on {table.date}")


def _conditions(price: Price) -> str:
    parts = [price.speed, price.version and f"version {price.version}", "is_hd" if price.is_hd else None]
    return ", ".join(part for part in parts if part)
