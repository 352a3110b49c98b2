"""The price table: documented prices, read from `prices.toml`, and what a request costs by it."""

import tomllib
from dataclasses import dataclass
from importlib import resources

from mjpipe.contract import DEFAULT_SPEED, SECONDARY, Mode, Speed, executed_speed
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
    """Prices in the order of the page, with the page and the day on which they were read."""

    source: str
    date: str
    prices: tuple[Price, ...]

    def quote(self, request: JsonObject) -> Usd | None:
        """What a task with this `input` costs (seed page, Billing), or None when no price is documented for it.

        A reroll costs what its source did: ask for the source's request instead.
        """
        mode = Mode(str(request["mode"]))
        speed = None if mode in SECONDARY else executed_speed(Speed(str(request.get("speed", DEFAULT_SPEED))))
        is_hd = request.get("is_hd") is True
        for price in self.prices:
            asked = (price.mode, price.speed, price.is_hd)
            if asked == (mode, speed, is_hd) and price.version in (None, request.get("version")):
                return price.usd
        return None


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
