"""What things are made of: bodies turned on a wheel, balls, leaves, boards, and how light falls on them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mjpipe.sandbox.pictures.canvas import Canvas, Point, Stops, curve, ellipse
from mjpipe.sandbox.pictures.colour import Colour

TILT = 0.15
"""How much of a circle's width is seen of its depth: the eye stands a little above."""

INK = Colour(0.2, 0.02, 270)
SHINE = Colour(0.985, 0.01, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a thing stands and how it looks. `x` is its middle, `base` its foot, both and `height` in pixels.

    `side` is 1 when the light comes from the left, -1 from the right.
    """

    x: float
    base: float
    height: float
    body: Colour
    accent: Colour
    side: int = 1
    lean: float = 0

    def at(self, across: float, up: float) -> Point:
        """A point of the thing, in parts of its height from the middle of its foot; leaning moves what is high."""
        return self.x + (across * self.side + up * self.lean) * self.height, self.base - up * self.height

    def path(self, points: Sequence[Point]) -> list[Point]:
        return [self.at(across, up) for across, up in points]


def round_light(colour: Colour, side: int) -> Stops:
    """How light falls around something round."""
    stops = (
        (0.0, colour.lit(-0.13)),
        (0.1, colour.lit(0.0)),
        (0.27, colour.lit(0.13)),
        (0.38, colour.lit(0.09)),
        (0.62, colour.lit(-0.05)),
        (0.88, colour.lit(-0.19)),
        (1.0, colour.lit(-0.13)),
    )
    return stops if side > 0 else tuple((1 - place, tone) for place, tone in reversed(stops))


def flat_light(colour: Colour, side: int) -> Stops:
    stops = ((0.0, colour.lit(0.06)), (1.0, colour.lit(-0.05)))
    return stops if side > 0 else tuple((1 - place, tone) for place, tone in reversed(stops))


def turned(
    sheet: Canvas,
    stand: Stand,
    profile: Sequence[Point],
    colour: Colour | None = None,
    *,
    dip: float | None = None,
    mouth: Colour | None = None,
    across: float = 0,
) -> None:
    """Something turned on a wheel: `profile` are its radii and heights, from foot to lip.

    `dip` is the height up to which it is glazed in the accent colour; `mouth` is the colour inside, None when shut.
    """
    colour = colour or stand.body
    edge = curve(profile)
    foot, lip = edge[0], edge[-1]
    lower = [(across + foot[0] * math.cos(a), foot[1] - foot[0] * TILT * math.sin(a)) for a in arc(0, math.pi)]
    upper = [(across + lip[0] * math.cos(a), lip[1] + lip[0] * TILT * math.sin(a)) for a in arc(math.pi, 0)]
    right = [(across + radius, up) for radius, up in edge]
    left = [(across - radius, up) for radius, up in reversed(edge)]
    outline = stand.path([*right, *reversed(upper), *left, *reversed(lower)])
    sheet.shape(outline, round_light(colour, stand.side))
    if dip is not None:
        glazed = [(radius, up) for radius, up in edge if up <= dip]
        rim = glazed[-1][0]
        front = [(across + rim * math.cos(a), dip - rim * TILT * 0.7 * math.sin(a)) for a in arc(0, math.pi)]
        right = [(across + radius, up) for radius, up in glazed]
        left = [(across - radius, up) for radius, up in reversed(glazed)]
        sheet.shape(stand.path([*right, *front, *left, *reversed(lower)]), round_light(stand.accent, stand.side))
    widest = max(radius for radius, _ in edge)
    glint = [(across - radius * 0.62, up) for radius, up in edge if radius > widest * 0.55]
    if len(glint) > 2:  # noqa: PLR2004 - a line needs points
        inner = [(x + widest * 0.09, y) for x, y in reversed(glint)]
        sheet.soft(stand.path([*glint, *inner]), SHINE, stand.height * 0.022, 0.5)
    if mouth is not None:
        center = stand.at(across, lip[1])
        rx = lip[0] * stand.height
        sheet.shape(ellipse(center, rx, rx * TILT), flat_light(colour.lit(0.1), stand.side))
        sheet.shape(ellipse(center, rx * 0.9, rx * TILT * 0.84), flat_light(mouth, -stand.side))


def arc(start: float, end: float, steps: int = 14) -> list[float]:
    return [start + (end - start) * step / steps for step in range(steps + 1)]


def leaf(sheet: Canvas, stand: Stand, root: Point, tip: Point, colour: Colour, fat: float = 0.3) -> None:
    dx, dy = tip[0] - root[0], tip[1] - root[1]
    middle = (root[0] + dx * 0.45, root[1] + dy * 0.45)
    one, two = (middle[0] - dy * fat, middle[1] + dx * fat), (middle[0] + dy * fat, middle[1] - dx * fat)
    sheet.shape(stand.path([*curve([root, one, tip], 6), *curve([tip, two, root], 6)]), flat_light(colour, stand.side))


def ball(sheet: Canvas, stand: Stand, center: Point, radius: float, colour: Colour) -> None:
    middle, size = stand.at(*center), radius * stand.height
    sheet.shape(ellipse(middle, size, size), round_light(colour, stand.side))
    sheet.soft(
        ellipse((middle[0] - size * 0.35 * stand.side, middle[1] - size * 0.4), size * 0.26, size * 0.2),
        SHINE,
        size * 0.14,
        0.55,
    )


def rounded(left: float, low: float, right: float, high: float, radius: float) -> list[Point]:
    corners = (
        (right - radius, high - radius, 0.0),
        (left + radius, high - radius, 0.5),
        (left + radius, low + radius, 1.0),
        (right - radius, low + radius, 1.5),
    )
    return [
        (x + radius * math.cos(a), y + radius * math.sin(a))
        for x, y, start in corners
        for a in arc(start * math.pi, (start + 0.5) * math.pi, 6)
    ]


def rectangle(stand: Stand, left: float, low: float, right: float, high: float) -> list[Point]:
    return stand.path([(left, low), (right, low), (right, high), (left, high)])
