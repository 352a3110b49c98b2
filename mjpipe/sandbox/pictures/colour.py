"""Colours as the eye orders them (OKLCH), so that steps of light look even and hues can be turned without mud."""

import math
from functools import lru_cache
from typing import NamedTuple, Self, TypeAlias

_Rgb: TypeAlias = tuple[int, int, int]

_KNEE = 0.0031308
"""Below it sRGB's curve is a straight line."""


class Colour(NamedTuple):
    """`light` from 0 to 1, `chroma` from 0 (grey) to about 0.3, `hue` in degrees."""

    light: float
    chroma: float
    hue: float

    def lit(self, by: float) -> Self:
        """Lighter, or darker with a negative number; extremes lose colour, as they do in a photograph."""
        light = min(0.985, max(0.06, self.light + by))
        faded = 1 - max(0.0, abs(light - 0.55) - 0.3) * 1.6
        return self._replace(light=light, chroma=self.chroma * max(0.25, min(1.0, faded)))

    def turned(self, degrees: float) -> Self:
        return self._replace(hue=(self.hue + degrees) % 360)

    def muted(self, factor: float) -> Self:
        return self._replace(chroma=self.chroma * factor)

    def mixed(self, other: "Colour", share: float) -> "Colour":
        """The colour that lies `share` of the way to another, on the straight line between both."""
        ours, theirs = _lab(self), _lab(other)
        light, a, b = (mine + (its - mine) * share for mine, its in zip(ours, theirs, strict=True))
        return Colour(light, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)

    def distance(self, other: "Colour") -> float:
        """How different the eye finds both: 0.02 is just to be seen, 1 lies between black and white."""
        return math.dist(_lab(self), _lab(other))

    @property
    def rgb(self) -> _Rgb:
        return _to_rgb(self)


def _lab(colour: Colour) -> tuple[float, float, float]:
    hue = math.radians(colour.hue)
    return colour.light, colour.chroma * math.cos(hue), colour.chroma * math.sin(hue)


@lru_cache(maxsize=4096)
def _to_rgb(colour: Colour) -> _Rgb:
    """Bytes of sRGB, by Björn Ottosson's OKLab matrices; what lies outside sRGB is cut off per channel."""
    light, a, b = _lab(colour)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _channel(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _channel(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _channel(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _channel(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    curved = 12.92 * linear if linear <= _KNEE else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(curved * 255)
