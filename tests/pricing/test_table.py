"""What a request costs: by the page, by a user's own prices, or unknown."""

from decimal import Decimal

import pytest

from mjpipe.domain import Usd, usd
from mjpipe.pricing import load_prices

TABLE = load_prices()


@pytest.mark.parametrize(
    ("request_", "price"),
    [
        ({"mode": "text-to-image", "speed": "draft"}, "0.10"),
        ({"mode": "text-to-image", "speed": "fast"}, "0.20"),
        ({"mode": "text-to-image", "speed": "relaxed"}, "0.20"),
        ({"mode": "image-to-image", "speed": "turbo"}, "0.40"),
        ({"mode": "text-to-image", "speed": "fast", "version": "8.1", "is_hd": True}, "0.30"),
        ({"mode": "text-to-image", "speed": "fast", "version": "8.1", "is_hd": False}, "0.20"),
        ({"mode": "text-to-image", "speed": "turbo", "version": "8.1", "is_hd": True}, None),
        ({"mode": "text-to-image", "speed": "fast", "version": "7", "is_hd": True}, None),
        ({"mode": "image-edit", "speed": "fast"}, "0.30"),
        ({"mode": "image-edit", "speed": "turbo"}, "0.60"),
        ({"mode": "vary", "imageIndex": 1}, "0.30"),
        ({"mode": "upscale", "imageIndex": 1}, "0.30"),
        ({"mode": "reroll"}, None),
        ({"mode": "enhance", "imageIndex": 1}, None),
    ],
)
def test_a_price_is_the_documented_one_or_none(request_: dict[str, object], price: str | None) -> None:
    assert TABLE.quote(request_) == (None if price is None else Decimal(price))  # type: ignore[arg-type]  # JSON, as sent


OWN: dict[str, Usd] = {
    "generate": usd("1"),
    "text-to-image": usd("2"),
    "generate/fast": usd("3"),
    "image-to-image/fast": usd("4"),
    "generate/turbo/hd": usd("5"),
    "enhance": usd("0"),
    "reroll": usd("6"),
    "upscale/fast": usd("7"),
}


@pytest.mark.parametrize(
    ("request_", "price"),
    [
        ({"mode": "text-to-image", "speed": "fast"}, "3"),
        ({"mode": "text-to-image", "speed": "turbo"}, "2"),
        ({"mode": "image-to-image", "speed": "fast"}, "4"),
        ({"mode": "image-to-image", "speed": "turbo"}, "1"),
        ({"mode": "text-to-image", "speed": "turbo", "is_hd": True}, "5"),
        ({"mode": "text-to-image", "speed": "fast", "version": "8.1", "is_hd": True}, "0.30"),
        ({"mode": "text-to-image", "speed": "fast", "is_hd": True}, None),
        ({"mode": "image-edit", "speed": "fast"}, "0.30"),
        ({"mode": "enhance"}, "0"),
        ({"mode": "reroll"}, "6"),
        ({"mode": "upscale"}, "0.30"),
    ],
)
def test_a_user_may_price_otherwise(request_: dict[str, object], price: str | None) -> None:
    assert TABLE.overridden(OWN).quote(request_) == (None if price is None else Decimal(price))  # type: ignore[arg-type]  # as above


def test_the_table_says_where_its_prices_are_from() -> None:
    assert TABLE.source
    assert TABLE.date
    assert TABLE.overrides == {}
