"""Amounts of dollars on the command line."""

from typing import Any

import click

from mjpipe.domain import Usd, usd


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
