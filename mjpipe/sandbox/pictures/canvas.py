"""A sheet to paint on: soft-edged shapes, gradients, shadows and light, in pixels."""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from mjpipe.sandbox.pictures.colour import Colour

Point: TypeAlias = tuple[float, float]
Stops: TypeAlias = tuple[tuple[float, Colour], ...]
"""Colours at places from 0 to 1, in order."""

_SMOOTH = 2
"""Edges are drawn this many times larger, then reduced."""
_RAMP = 64
_SOFT = 6
"""Blurred shapes are drawn this many times smaller: nobody sees it, and blurring is slow."""


class Canvas:
    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self.width, self.height = image.size

    def wash(self, stops: Stops, angle: float = 0) -> None:
        """Fill the whole sheet from top to bottom, or in the direction that lies `angle` degrees off it."""
        if not angle:
            self.image.paste(_ramp(stops).resize((self.width, self.height), Image.Resampling.BICUBIC))
            return
        reach = math.ceil(math.hypot(self.width, self.height) / 8)
        turned = _ramp(stops).resize((reach, reach)).rotate(angle, Image.Resampling.BICUBIC)
        left, top = (reach - self.width // 8) // 2, (reach - self.height // 8) // 2
        box = (left, top, left + max(2, self.width // 8), top + max(2, self.height // 8))
        self.image.paste(turned.crop(box).resize((self.width, self.height), Image.Resampling.BICUBIC))

    def shape(
        self,
        outline: Sequence[Point],
        paint: Colour | Stops,
        *,
        down: bool = False,
        opacity: float = 1,
    ) -> None:
        """Fill an outline: with one colour, or with stops from left to right (`down`: from top to bottom)."""
        left, top, right, bottom = _bounds(outline)
        box = (max(0, left), max(0, top), min(self.width, right), min(self.height, bottom))
        size = (box[2] - box[0], box[3] - box[1])
        if min(size) <= 0:
            return
        mask = Image.new("L", (size[0] * _SMOOTH, size[1] * _SMOOTH))
        draw = ImageDraw.Draw(mask)
        draw.polygon([((x - box[0]) * _SMOOTH, (y - box[1]) * _SMOOTH) for x, y in outline], fill=round(255 * opacity))
        mask = mask.reduce(_SMOOTH)
        if isinstance(paint, Colour):
            self.image.paste(paint.rgb, box, mask)
            return
        full = (right - left, bottom - top)
        strip = _ramp(paint) if down else _ramp(paint).transpose(Image.Transpose.ROTATE_90)
        part = (
            (box[0] - left) * strip.width / full[0],
            (box[1] - top) * strip.height / full[1],
            (box[2] - left) * strip.width / full[0],
            (box[3] - top) * strip.height / full[1],
        )
        self.image.paste(strip.resize(size, Image.Resampling.BILINEAR, part), box, mask)

    def line(self, points: Sequence[Point], colour: Colour, width: float, opacity: float = 1) -> None:
        """A round-ended stroke."""
        left, top, right, bottom = _bounds(points)
        margin = math.ceil(width)
        box = (
            max(0, left - margin),
            max(0, top - margin),
            min(self.width, right + margin),
            min(self.height, bottom + margin),
        )
        size = (box[2] - box[0], box[3] - box[1])
        if min(size) <= 0:
            return
        mask = Image.new("L", (size[0] * _SMOOTH, size[1] * _SMOOTH))
        draw = ImageDraw.Draw(mask)
        path = [((x - box[0]) * _SMOOTH, (y - box[1]) * _SMOOTH) for x, y in points]
        ink, radius = round(255 * opacity), width * _SMOOTH / 2
        draw.line(path, fill=ink, width=max(1, round(width * _SMOOTH)), joint="curve")
        for x, y in (path[0], path[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
        self.image.paste(colour.rgb, box, mask.reduce(_SMOOTH))

    def soft(self, outline: Sequence[Point], colour: Colour, blur: float, opacity: float) -> None:
        """A blurred shape: a shadow when dark, a beam or a reflection when light."""
        margin = math.ceil(blur * 2.5)
        left, top, right, bottom = _bounds(outline)
        left, top = max(-margin, left - margin), max(-margin, top - margin)
        right, bottom = min(self.width + margin, right + margin), min(self.height + margin, bottom + margin)
        if right - left < 2 or bottom - top < 2:  # noqa: PLR2004 - nothing of it is on the sheet
            return
        scale = max(1, min(_SOFT, round(blur / 2)))
        size = (max(2, (right - left) // scale), max(2, (bottom - top) // scale))
        mask = Image.new("L", size)
        path = [((x - left) * size[0] / (right - left), (y - top) * size[1] / (bottom - top)) for x, y in outline]
        ImageDraw.Draw(mask).polygon(path, fill=round(255 * opacity))
        mask = mask.filter(ImageFilter.GaussianBlur(blur / scale)).resize(
            (right - left, bottom - top), Image.Resampling.BICUBIC
        )
        self.image.paste(colour.rgb, (left, top, right, bottom), mask)

    def light(self, center: Point, radius: float, colour: Colour, opacity: float) -> None:
        """A pool of light that fades outwards."""
        side = max(2, round(radius * 2))
        mask = _pool(opacity).resize((side, side), Image.Resampling.BILINEAR)
        self.image.paste(colour.rgb, (round(center[0] - radius), round(center[1] - radius)), mask)

    def vignette(self, strength: float) -> None:
        """Darker corners."""
        shade = Image.radial_gradient("L").point([round(max(0, v - 110) * strength) for v in range(256)])
        dark = shade.resize((self.width, self.height), Image.Resampling.BILINEAR)
        self.image.paste(Colour(0.15, 0.02, 270).rgb, (0, 0, self.width, self.height), dark)


@lru_cache(maxsize=512)
def _ramp(stops: Stops) -> Image.Image:
    """One pixel wide, from top to bottom."""
    strip = Image.new("RGB", (1, _RAMP))
    strip.putdata([_at(stops, step / (_RAMP - 1)).rgb for step in range(_RAMP)])
    return strip


def _at(stops: Stops, place: float) -> Colour:
    for (start, colour), (end, following) in pairwise(stops):
        if place <= end:
            return colour.mixed(following, max(0.0, place - start) / (end - start or 1))
    return stops[-1][1]


@lru_cache(maxsize=64)
def _pool(opacity: float) -> Image.Image:
    return ImageChops.invert(Image.radial_gradient("L")).point(
        [round(min(255, max(0, v - 70) * 1.4) ** 1.3 / 255**0.3 * opacity) for v in range(256)]
    )


def _bounds(outline: Sequence[Point]) -> tuple[int, int, int, int]:
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    return math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)) + 1, math.ceil(max(ys)) + 1


def ellipse(center: Point, rx: float, ry: float, start: float = 0, end: float = 360) -> list[Point]:
    """Points of an arc, in degrees clockwise from the right."""
    steps = max(8, min(72, round(abs(end - start) / 360 * (16 + max(rx, ry) / 3))))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(center[0] + rx * math.cos(angle), center[1] + ry * math.sin(angle)) for angle in angles]


def curve(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    path: list[Point] = []
    padded = [points[0], *points, points[-1]]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            path.append(
                (_spline(before[0], start[0], end[0], after[0], t), _spline(before[1], start[1], end[1], after[1], t))
            )
    return [*path, points[-1]]


def _spline(before: float, start: float, end: float, after: float, t: float) -> float:
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t * t
        + (3 * start - before - 3 * end + after) * t**3
    )
