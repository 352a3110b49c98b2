"""The price table: documented prices, read from `prices.toml`, and what a request costs by it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

from mjpipe.contract import DEFAULT_SPEED, Mode, Speed, executed_speed
from mjpipe.domain import JsonObject, Usd, usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One documented price. `speed` is None for modes without one; `version` None means any version."""

    mode: Mode
    speed: Speed | None
    usd: Usd
    version: str | None = None
    is_hd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """Prices in the order of the page, with the page and the day on which they were read.

    `overrides` are a user's own prices, and go first. They are named `KIND` or `MODE`, `/SPEED` behind it for that
    speed alone and `/hd` behind that for requests with `is_hd`, which no other name prices. The closest name counts:
    one with a speed before one without, a mode before a kind.
    """

    source: str
    date: str
    prices: tuple[Price, ...]
    overrides: Mapping[str, Usd] = field(default_factory=dict)

    def overridden(self, overrides: Mapping[str, Usd]) -> "PriceTable":
        """This table behind a user's own prices."""
        return replace(self, overrides=overrides)

    def quote(self, request: JsonObject) -> Usd | None:
        """What a task with this `input` costs (seed page, Billing), or None when no price is documented for it.

        A reroll without a price of the user's costs what its source did: ask for the source's request instead.
        """
        mode = Mode(str(request["mode"]))
        speed = executed_speed(Speed(str(request.get("speed", DEFAULT_SPEED)))) if mode.facts.has_speed else None
        is_hd = request.get("is_hd") is True
        for name in _override_names(mode, speed, is_hd=is_hd):
            if name in self.overrides:
                return self.overrides[name]
        for price in self.prices:
            asked = (price.mode, price.speed, price.is_hd)
            if asked == (mode, speed, is_hd) and price.version in (None, request.get("version")):
                return price.usd
        return None


def _override_names(mode: Mode, speed: Speed | None, *, is_hd: bool) -> Iterator[str]:
    """The names under which a user may have priced such a request, the closest first."""
    hd = "/hd" if is_hd else ""
    for behind in ([f"/{speed}{hd}"] if speed else []) + [hd]:
        for name in (mode, mode.facts.kind):
            yield f"{name}{behind}"


def why_unpriced(request: JsonObject) -> str:
    """Of a request without a price: what of it no page prices."""
    mode = Mode(str(request["mode"]))
    if mode.facts.repeats_source:
        return f"a {mode} costs what its source did, which has no documented price"
    if request.get("is_hd") is True:
        prices = (price for price in load_prices().prices if price.is_hd)
        documented = dict.fromkeys(f"version {price.version} and speed {price.speed}" for price in prices)
        return f"`is_hd` has a documented price with {' or '.join(documented)} alone"
    speed = f" with speed {request.get('speed', DEFAULT_SPEED)}" if mode.facts.has_speed else ""
    return f"no page has a price of `{mode}`{speed}"


@cache
def load_prices() -> PriceTable:
    """The table that comes with this release."""
    document = tomllib.loads((resources.files("mjpipe.pricing") / "prices.toml").read_text("utf-8"))
    return PriceTable(
        source=document["source"],
        date=document["date"],
        prices=tuple(
            Price(
                mode=Mode(mode),
                speed=Speed(entry["speed"]) if "speed" in entry else None,
                usd=usd(entry["usd"]),
                version=entry.get("version"),
                is_hd=entry.get("is_hd", False),
            )
            for entry in document["price"]
            for mode in entry["modes"]
        ),
    )
