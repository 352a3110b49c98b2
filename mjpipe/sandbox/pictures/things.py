"""The things that a scene can show: pots, bottles, lamps, chairs, each painted from a few outlines."""

import math
from collections.abc import Callable
from dataclasses import replace

from mjpipe.sandbox.pictures.canvas import Canvas, curve, ellipse
from mjpipe.sandbox.pictures.colour import Colour
from mjpipe.sandbox.pictures.parts import (
    INK,
    SHINE,
    TILT,
    Stand,
    arc,
    ball,
    flat_light,
    leaf,
    rectangle,
    round_light,
    rounded,
    turned,
)


def _teapot(sheet: Canvas, stand: Stand) -> None:
    size = stand.height
    handle = [(0.36 + 0.27 * math.cos(a), 0.42 + 0.22 * math.sin(a)) for a in arc(-1.7, 1.75, 24)]
    sheet.line(stand.path(handle), stand.body.lit(-0.14), size * 0.075)
    sheet.line(stand.path([(x - 0.008, y + 0.012) for x, y in handle]), stand.body.lit(0.04), size * 0.03)
    upper = curve([(-0.3, 0.42), (-0.5, 0.5), (-0.6, 0.7), (-0.7, 0.74)])
    lower = curve([(-0.63, 0.66), (-0.52, 0.5), (-0.46, 0.28), (-0.3, 0.16)])
    sheet.shape(stand.path([*upper, *lower]), flat_light(stand.body.lit(0.02), stand.side))
    sheet.shape(
        ellipse(stand.at(-0.668, 0.7), 0.045 * size, 0.028 * size),
        stand.body.lit(-0.22),
    )
    turned(sheet, stand, [(0.24, 0), (0.38, 0.13), (0.435, 0.36), (0.34, 0.6), (0.21, 0.69)], dip=0.2)
    turned(sheet, stand, [(0.235, 0.69), (0.2, 0.76), (0.05, 0.81)], stand.body.lit(0.02))
    turned(sheet, stand, [(0.035, 0.81), (0.075, 0.87), (0.06, 0.92), (0.01, 0.935)], stand.accent)


def _mug(sheet: Canvas, stand: Stand) -> None:
    handle = [(0.33 + 0.21 * math.cos(a), 0.5 + 0.24 * math.sin(a)) for a in arc(-1.6, 1.6, 24)]
    sheet.line(stand.path(handle), stand.body.lit(-0.16), stand.height * 0.1)
    sheet.line(stand.path([(x - 0.01, y + 0.015) for x, y in handle]), stand.body.lit(0.02), stand.height * 0.045)
    turned(
        sheet,
        stand,
        [(0.315, 0), (0.34, 0.07), (0.355, 0.4), (0.36, 0.86)],
        dip=0.34,
        mouth=Colour(0.36, 0.06, 50),
    )
    for number in range(2):
        steam = curve([(-0.08 + number * 0.16 + math.sin(step * 1.3) * 0.04, 0.95 + step * 0.09) for step in range(5)])
        path = [*steam, *[(x + 0.03, y) for x, y in reversed(steam)]]
        sheet.soft(stand.path(path), SHINE, stand.height * 0.025, 0.45)


def _bottle(sheet: Canvas, stand: Stand) -> None:
    turned(sheet, stand, [(0.222, 0), (0.235, 0.04), (0.235, 0.5), (0.2, 0.62), (0.085, 0.7), (0.075, 0.8)])
    turned(sheet, stand, [(0.095, 0.79), (0.1, 0.8), (0.1, 0.94), (0.09, 0.95)], stand.accent)
    label = stand.path([(-0.236, 0.16), (0.236, 0.16), (0.236, 0.44), (-0.236, 0.44)])
    sheet.shape(label, round_light(Colour(0.95, 0.015, 90), stand.side))
    for up, reach in ((0.36, 0.12), (0.315, 0.07), (0.27, 0.09)):
        sheet.line(stand.path([(-reach, up), (reach, up)]), stand.body.lit(-0.1), stand.height * 0.012, 0.8)


def _vase(sheet: Canvas, stand: Stand) -> None:
    for lean, tall, tone in ((-0.3, 0.93, 0.0), (0.26, 0.96, -0.05), (-0.02, 1.08, 0.06)):
        _sprig(sheet, stand, lean, tall, stand.accent.lit(tone))
    turned(
        sheet,
        stand,
        [(0.15, 0), (0.21, 0.06), (0.285, 0.27), (0.22, 0.46), (0.095, 0.57), (0.1, 0.64), (0.14, 0.69)],
        dip=0.17,
        mouth=stand.body.lit(-0.32),
    )


def _sprig(sheet: Canvas, stand: Stand, lean: float, tall: float, colour: Colour) -> None:
    stem = curve([(0, 0.62), (lean * 0.35, 0.62 + (tall - 0.62) * 0.5), (lean, tall)], 6)
    sheet.line(stand.path(stem), colour.lit(-0.18), stand.height * 0.012)
    for place in (6, 8, 10, 12):
        x, y = stem[place]
        for side in (-1, 1):
            tip = (x + side * 0.11 + lean * 0.1, y + 0.085)
            leaf(sheet, stand, (x, y), tip, colour.lit(0.04 * side))


def _jar(sheet: Canvas, stand: Stand) -> None:
    turned(sheet, stand, [(0.33, 0), (0.35, 0.05), (0.36, 0.35), (0.345, 0.62), (0.3, 0.67)], dip=0.12)
    turned(sheet, stand, [(0.325, 0.66), (0.33, 0.68), (0.33, 0.8), (0.31, 0.82), (0.02, 0.835)], stand.accent)
    turned(sheet, stand, [(0.03, 0.83), (0.06, 0.89), (0.045, 0.94), (0.01, 0.95)], stand.accent.lit(0.05))
    sheet.shape(
        stand.path([(-0.17, 0.26), (0.17, 0.26), (0.17, 0.48), (-0.17, 0.48)]),
        flat_light(Colour(0.94, 0.015, 90), stand.side),
    )
    sheet.line(stand.path([(-0.09, 0.39), (0.09, 0.39)]), stand.body.lit(-0.12), stand.height * 0.013, 0.8)
    sheet.line(stand.path([(-0.05, 0.34), (0.05, 0.34)]), stand.body.lit(-0.12), stand.height * 0.013, 0.6)


def _bowl(sheet: Canvas, stand: Stand) -> None:
    low = replace(stand, height=stand.height * 0.86)
    fruit = ((-0.2, 0.53, 0.15, 0.03), (0.2, 0.54, 0.155, -0.04), (0.0, 0.6, 0.17, 0.0))
    turned(sheet, low, [(0.2, 0), (0.2, 0.05), (0.42, 0.22), (0.55, 0.52)], mouth=low.body.lit(-0.24), dip=0.14)
    for x, y, radius, tone in fruit:
        ball(sheet, low, (x, y), radius, low.accent.lit(tone).turned(x * 60))
    rim = [(x, y) for x, y in ((0.55 * math.cos(a), 0.52 - 0.55 * TILT * math.sin(a)) for a in arc(0, math.pi, 24))]
    under = [(0.53 * math.cos(a), 0.455 - 0.5 * TILT * math.sin(a)) for a in arc(math.pi, 0, 24)]
    sheet.shape(low.path([*rim, *under]), round_light(low.body.lit(0.05), low.side))


def _lamp(sheet: Canvas, stand: Stand) -> None:
    sheet.light(stand.at(0, 0.66), stand.height * 0.85, Colour(0.95, 0.09, 85), 0.75)
    turned(sheet, stand, [(0.2, 0), (0.2, 0.03), (0.06, 0.07), (0.03, 0.12), (0.03, 0.5)], stand.accent)
    turned(sheet, stand, [(0.02, 0.2), (0.12, 0.24), (0.14, 0.31), (0.08, 0.38), (0.02, 0.4)])
    shade = stand.path([(-0.38, 0.48), (0.38, 0.48), (0.2, 0.93), (-0.2, 0.93)])
    warm = Colour(0.95, 0.08, 85)
    sheet.shape(shade, ((0, stand.body.lit(0.02)), (0.45, stand.body.mixed(warm, 0.5)), (1, warm)), down=True)
    sheet.shape(ellipse(stand.at(0, 0.48), 0.38 * stand.height, 0.045 * stand.height), warm.lit(0.03))


def _speaker(sheet: Canvas, stand: Stand) -> None:
    outline = rounded(-0.31, 0, 0.31, 0.94, 0.07)
    side = [(x + 0.06, y + 0.02) for x, y in outline]
    sheet.shape(stand.path(side), stand.body.lit(-0.2))
    sheet.shape(stand.path(outline), flat_light(stand.body, stand.side))
    for up, radius in ((0.3, 0.22), (0.71, 0.125)):
        center, size = stand.at(0, up), stand.height * radius
        sheet.shape(ellipse(center, size * 1.12, size * 1.12), flat_light(stand.accent, stand.side))
        sheet.shape(ellipse(center, size, size), flat_light(INK.lit(0.06), -stand.side))
        sheet.shape(ellipse(center, size * 0.72, size * 0.72), flat_light(INK.lit(0.16), stand.side))
        sheet.shape(ellipse(center, size * 0.3, size * 0.3), round_light(stand.accent.lit(0.04), stand.side))
    sheet.shape(ellipse(stand.at(0.2, 0.88), 0.018 * stand.height, 0.018 * stand.height), Colour(0.85, 0.12, 150))


def _watch(sheet: Canvas, stand: Stand) -> None:
    strap = [(-0.13, 0.0), (0.13, 0.0), (0.17, 0.3), (0.17, 0.7), (0.13, 1.0), (-0.13, 1.0), (-0.17, 0.7), (-0.17, 0.3)]
    sheet.shape(stand.path(strap), round_light(stand.body, stand.side))
    for across in (-0.1, 0.1):
        stitches = [(across, 0.05), (across * 1.25, 0.3)], [(across * 1.25, 0.7), (across, 0.95)]
        for stitch in stitches:
            sheet.line(stand.path(stitch), stand.body.lit(0.18), stand.height * 0.008, 0.7)
    center, size = stand.at(0, 0.5), stand.height * 0.3
    sheet.shape(rectangle(stand, 0.29, 0.47, 0.36, 0.53), flat_light(stand.accent.lit(-0.1), stand.side))
    sheet.shape(ellipse(center, size, size), flat_light(stand.accent, stand.side))
    sheet.shape(ellipse(center, size * 0.86, size * 0.86), flat_light(Colour(0.95, 0.012, 90), -stand.side))
    for hour in range(12):
        angle = math.radians(hour * 30)
        inner, outer = 0.68 if hour % 3 else 0.6, 0.77
        ends = [
            (center[0] + math.cos(angle) * size * part, center[1] + math.sin(angle) * size * part)
            for part in (inner, outer)
        ]
        sheet.line(ends, INK, size * 0.035)
    for angle, reach, width in ((-150, 0.42, 0.06), (-32, 0.62, 0.045)):
        turn = math.radians(angle)
        end = (center[0] + math.cos(turn) * size * reach, center[1] + math.sin(turn) * size * reach)
        sheet.line([center, end], INK, size * width)
    sheet.shape(ellipse(center, size * 0.05, size * 0.05), stand.body)


def _books(sheet: Canvas, stand: Stand) -> None:
    low = 0.0
    tones = (stand.body, stand.accent, stand.body.turned(30).lit(0.1), stand.accent.turned(-40).lit(0.06))
    for number, (tone, thick, reach) in enumerate(
        zip(tones, (0.17, 0.13, 0.15, 0.1), (0.5, 0.44, 0.47, 0.38), strict=True)
    ):
        shift = (0.0, 0.035, -0.03, 0.05)[number]
        pages = rectangle(stand, shift - reach + 0.03, low + 0.02, shift + reach - 0.015, low + thick - 0.02)
        sheet.shape(rectangle(stand, shift - reach, low, shift + reach, low + thick), flat_light(tone, stand.side))
        if number % 2:
            sheet.shape(pages, flat_light(Colour(0.93, 0.025, 90), stand.side))
        else:
            for place in (-0.3, -0.26, 0.28):
                sheet.line(
                    stand.path([(shift + place, low + 0.015), (shift + place, low + thick - 0.015)]),
                    tone.lit(0.22),
                    stand.height * 0.01,
                )
        low += thick
    turned(
        sheet,
        replace(
            stand,
            x=stand.x - 0.1 * stand.height * stand.side,
            base=stand.base - low * stand.height,
            height=stand.height * 0.42,
        ),
        [(0.25, 0), (0.3, 0.06), (0.32, 0.6)],
        stand.body.lit(0.12),
        mouth=Colour(0.36, 0.06, 50),
    )


def _plant(sheet: Canvas, stand: Stand) -> None:
    green = stand.accent if 100 < stand.accent.hue < 190 else Colour(0.55, 0.1, 148)  # noqa: PLR2004 - what is a green
    fan = ((-64, 0.5), (58, 0.52), (-40, 0.62), (37, 0.6), (-19, 0.68), (16, 0.7), (-2, 0.66))
    for number, (angle, reach) in enumerate(fan):
        turn = math.radians(angle)
        tip = (math.sin(turn) * reach, 0.36 + math.cos(turn) * reach * 0.95)
        leaf(sheet, stand, (0, 0.34), tip, green.lit((number % 3 - 1) * 0.07).turned(number * 5), fat=0.17)
        sheet.line(
            stand.path([(0, 0.36), (tip[0] * 0.8, 0.36 + (tip[1] - 0.36) * 0.8)]),
            green.lit(0.14),
            stand.height * 0.008,
            0.6,
        )
    turned(sheet, stand, [(0.18, 0), (0.21, 0.03), (0.27, 0.36), (0.275, 0.4)], dip=0.13, mouth=None)
    turned(sheet, stand, [(0.29, 0.36), (0.295, 0.37), (0.295, 0.43)], stand.body.lit(0.03))


def _box(sheet: Canvas, stand: Stand) -> None:
    front = stand.path([(-0.42, 0.05), (0.12, 0.0), (0.12, 0.6), (-0.42, 0.62)])
    side = stand.path([(0.12, 0.0), (0.44, 0.1), (0.44, 0.66), (0.12, 0.6)])
    top = stand.path([(-0.42, 0.62), (0.12, 0.6), (0.44, 0.66), (-0.06, 0.7)])
    sheet.shape(front, flat_light(stand.body, stand.side))
    sheet.shape(side, stand.body.lit(-0.16))
    sheet.shape(top, stand.body.lit(0.12))
    sheet.shape(stand.path([(-0.2, 0.03), (-0.09, 0.02), (-0.09, 0.612), (-0.2, 0.616)]), stand.accent)
    sheet.shape(stand.path([(-0.2, 0.616), (-0.09, 0.612), (0.24, 0.682), (0.15, 0.692)]), stand.accent.lit(0.1))
    for side_of in (-1, 1):
        leaf(sheet, stand, (0.03, 0.65), (0.03 + side_of * 0.24, 0.83), stand.accent.lit(0.04 * side_of), fat=0.34)
    ball(sheet, stand, (0.03, 0.675), 0.045, stand.accent)


def _chair(sheet: Canvas, stand: Stand) -> None:
    wood = stand.accent if stand.accent.chroma < 0.1 else Colour(0.5, 0.06, 58)  # noqa: PLR2004 - no bright wood
    for foot, top in (((-0.2, 0.07), (-0.15, 0.42)), ((0.3, 0.07), (0.26, 0.42))):
        sheet.line(stand.path([foot, top]), wood.lit(-0.12), stand.height * 0.03)
    back = rounded(-0.22, 0.5, 0.32, 1.0, 0.16)
    sheet.shape(stand.path([(x + 0.02, y) for x, y in back]), stand.body.lit(-0.2))
    sheet.shape(stand.path(back), flat_light(stand.body.lit(-0.02), stand.side))
    seat = rounded(-0.36, 0.36, 0.38, 0.52, 0.075)
    sheet.shape(stand.path([(x, y - 0.035) for x, y in seat]), stand.body.lit(-0.2))
    sheet.shape(stand.path(seat), flat_light(stand.body.lit(0.06), stand.side))
    for foot, top in (((-0.38, 0.0), (-0.3, 0.35)), ((0.4, 0.0), (0.32, 0.35))):
        sheet.line(stand.path([foot, top]), wood, stand.height * 0.036)
    sheet.shape(
        stand.path([(x * 0.6 + 0.02, (y - 0.75) * 0.5 + 0.68) for x, y in back]),
        flat_light(stand.accent.lit(0.05), stand.side),
    )


def _house(sheet: Canvas, stand: Stand) -> None:
    sheet.shape(rectangle(stand, 0.22, 0.7, 0.33, 0.98), flat_light(stand.accent.lit(-0.12), stand.side))
    sheet.shape(rectangle(stand, -0.4, 0, 0.4, 0.58), flat_light(stand.body.lit(0.08), stand.side))
    sheet.shape(stand.path([(-0.48, 0.55), (0.48, 0.55), (0.0, 0.98)]), flat_light(stand.accent, stand.side))
    sheet.shape(rectangle(stand, -0.07, 0, 0.11, 0.34), stand.accent.lit(-0.2))
    for left in (-0.31, 0.2):
        sheet.shape(rectangle(stand, left, 0.2, left + 0.14, 0.4), Colour(0.92, 0.09, 88))
        sheet.line(stand.path([(left + 0.07, 0.2), (left + 0.07, 0.4)]), stand.body.lit(-0.2), stand.height * 0.012)
    sheet.shape(ellipse(stand.at(0.02, 0.7), 0.06 * stand.height, 0.06 * stand.height), Colour(0.92, 0.09, 88))


def _tree(sheet: Canvas, stand: Stand) -> None:
    green = stand.body if stand.body.chroma > 0.06 else Colour(0.55, 0.1, 148)  # noqa: PLR2004 - no grey tree
    turned(sheet, stand, [(0.06, 0), (0.04, 0.1), (0.035, 0.45)], Colour(0.42, 0.05, 55))
    crowns = (
        (-0.2, 0.5, 0.22),
        (0.21, 0.52, 0.21),
        (-0.12, 0.72, 0.22),
        (0.13, 0.75, 0.21),
        (0, 0.6, 0.26),
        (0.0, 0.87, 0.15),
    )
    for number, (x, y, radius) in enumerate(crowns):
        ball(sheet, stand, (x, y), radius, green.lit((number % 3 - 1) * 0.05).turned(number * 6 - 12))


_PAINTERS: dict[str, Callable[[Canvas, Stand], None]] = {
    "teapot": _teapot,
    "mug": _mug,
    "bottle": _bottle,
    "vase": _vase,
    "jar": _jar,
    "bowl": _bowl,
    "lamp": _lamp,
    "speaker": _speaker,
    "watch": _watch,
    "books": _books,
    "plant": _plant,
    "box": _box,
    "chair": _chair,
    "house": _house,
    "tree": _tree,
}


def paint_thing(sheet: Canvas, thing: str, stand: Stand) -> None:
    """With the shadow that it throws on the ground."""
    size = stand.height
    away = stand.side * size
    sheet.soft(ellipse((stand.x + away * 0.13, stand.base), size * 0.46, size * 0.055), INK, size * 0.05, 0.42)
    sheet.soft(ellipse((stand.x, stand.base + size * 0.005), size * 0.26, size * 0.03), INK, size * 0.02, 0.5)
    _PAINTERS[thing](sheet, stand)
