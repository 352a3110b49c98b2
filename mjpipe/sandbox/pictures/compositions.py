"""Four ways to stage a thing: on a plinth, close up, in a row, before a halo."""

from dataclasses import replace

from mjpipe.sandbox.pictures.canvas import Canvas, Point, curve, ellipse
from mjpipe.sandbox.pictures.colour import Colour
from mjpipe.sandbox.pictures.parts import INK, Stand, ball, flat_light, round_light
from mjpipe.sandbox.pictures.scene import Scene
from mjpipe.sandbox.pictures.things import paint_thing

_SUN = Colour(0.98, 0.04, 88)


def paint_scene(sheet: Canvas, scene: Scene) -> None:
    _COMPOSITIONS[scene.composition](sheet, scene)


def paint_air(sheet: Canvas, scene: Scene) -> None:
    """What is behind everything, in the light of the scene's composition."""
    air = scene.air
    if scene.composition == 1:
        sheet.wash(((0, air.lit(0.1)), (0.5, air), (1, air.lit(-0.17).turned(-18))), 58 if scene.mirrored else -58)
    else:
        sheet.wash(((0, air.lit(-0.06)), (0.55, air.lit(0.03)), (1, air.lit(0.06))))


def _plinth(sheet: Canvas, scene: Scene) -> None:
    w, h = sheet.width, sheet.height
    unit, side = min(w, h), -1 if scene.mirrored else 1
    floor, middle = h * 0.72, w / 2
    _ground(sheet, scene, floor)
    arch = Colour(*scene.air.mixed(scene.accent, 0.34))
    half, spring = unit * 0.3, floor - unit * 0.36
    outline = [(middle - half, floor), *ellipse((middle, spring), half, half, 180, 360), (middle + half, floor)]
    sheet.soft([(x + side * unit * 0.03, y) for x, y in outline], INK, unit * 0.03, 0.2)
    sheet.shape(outline, ((0, arch.lit(-0.08)), (1, arch.lit(0.05))), down=True)
    sheet.light((middle - side * unit * 0.25, h * 0.22), unit * 0.62 * scene.glow, _SUN, 0.5)
    top, rx = floor + unit * 0.02, unit * 0.3
    _drum(sheet, (middle, top), rx, unit * 0.13, scene.ground.lit(0.07), side)
    _ball_at(sheet, scene, (middle - side * unit * 0.37, floor + unit * 0.15), unit * 0.06, scene.accent, side)
    _ball_at(sheet, scene, (middle + side * unit * 0.4, floor + unit * 0.1), unit * 0.036, scene.body.lit(0.08), side)
    paint_thing(sheet, scene.thing, _stand_of(scene, middle, top + rx * 0.03, unit * 0.46, side))
    sheet.vignette(0.28)


def _close_up(sheet: Canvas, scene: Scene) -> None:
    w, h = sheet.width, sheet.height
    unit, side = min(w, h), -1 if scene.mirrored else 1
    for number in range(7):
        x = w / 2 - side * w * scene.roll(("x", number), -0.05, 0.52)
        y = h * scene.roll(("y", number), 0.05, 0.72)
        size = unit * scene.roll(("size", number), 0.05, 0.15)
        tone = (scene.accent.lit(0.12), _SUN, scene.air.lit(0.14))[number % 3]
        sheet.soft(ellipse((x, y), size, size), tone, unit * 0.012, scene.roll(("opacity", number), 0.22, 0.5))
    floor = h * 0.83
    slope = unit * 0.09 * side
    table = [(0, floor + slope), (w, floor - slope), (w, h), (0, h)]
    sheet.shape(table, ((0, scene.ground.lit(-0.1)), (1, scene.ground.lit(-0.02))), down=True)
    thing = _stand_of(scene, w / 2 + side * unit * 0.13, h * 0.94, unit * 0.92, side)
    paint_thing(sheet, scene.thing, replace(thing, lean=thing.lean + 0.02 * side))
    for start in (0.1, 0.3):
        x = w / 2 - side * w * (0.5 - start)
        beam = [
            (x, -5.0),
            (x + side * unit * 0.11, -5.0),
            (x + side * unit * 0.72, h + 5.0),
            (x + side * unit * 0.55, h + 5.0),
        ]
        sheet.soft(beam, _SUN, unit * 0.03, 0.24 * scene.glow)
    sheet.vignette(0.5)


def _row(sheet: Canvas, scene: Scene) -> None:
    w, h = sheet.width, sheet.height
    unit, side = min(w, h), -1 if scene.mirrored else 1
    shelf = h * 0.76
    sun, size = (w / 2 + side * w * 0.2, h * 0.3), unit * 0.17
    sheet.light(sun, size * 2.3 * scene.glow, _SUN, 0.55)
    sheet.shape(
        ellipse(sun, size, size), ((0, _SUN.mixed(scene.accent, 0.25)), (1, _SUN.mixed(scene.accent, 0.7))), down=True
    )
    for number, lift in enumerate((0.17, 0.09)):
        tone = scene.air.mixed(scene.ground, 0.4 + number * 0.3)
        hills = curve(
            [(w * (step - 1) / 6, shelf - unit * lift * scene.roll((number, step), 0.2, 1.3)) for step in range(9)]
        )
        sheet.shape([(0, shelf + 4), *hills, (w, shelf + 4)], tone)
    sheet.shape(
        [(0, shelf), (w, shelf), (w, h), (0, h)], ((0, scene.ground.lit(0.07)), (1, scene.ground.lit(-0.12))), down=True
    )
    sheet.shape([(0, shelf), (w, shelf), (w, shelf + unit * 0.012), (0, shelf + unit * 0.012)], scene.ground.lit(0.14))
    gap = min(w * 0.3, unit * 0.42)
    tones = ((scene.accent, scene.body), (scene.body.turned(-24).lit(0.12), scene.accent), (scene.body, scene.accent))
    places = ((-gap, 0.3, 0.035), (gap, 0.35, 0.05), (0.0, 0.5, 0.075))
    if w < h * 0.8:
        places = ((-gap, 0.3, 0.035), (gap * 0.95, 0.36, 0.05), (-gap * 0.06, 0.52, 0.1))
    for (shift, tall, down), (body, accent) in zip(places, tones, strict=True):
        standing = _stand_of(scene, w / 2 + shift * side, shelf + unit * down, unit * tall, side)
        paint_thing(sheet, scene.thing, replace(standing, body=body, accent=accent))
    sheet.vignette(0.3)


def _halo(sheet: Canvas, scene: Scene) -> None:
    w, h = sheet.width, sheet.height
    unit, side = min(w, h), -1 if scene.mirrored else 1
    floor, center = h * 0.78, (w / 2, h * 0.46)
    for number, radius in enumerate((0.43, 0.35, 0.27)):
        tone = scene.air.mixed(scene.body, 0.16 + number * 0.13).lit(0.02 * number)
        size = unit * radius
        sheet.shape(ellipse(center, size, size), ((0, tone.lit(0.07)), (1, tone.lit(-0.07))), down=True)
    sheet.light((center[0], center[1] - unit * 0.05), unit * 0.4 * scene.glow, _SUN, 0.42)
    _ground(sheet, scene, floor)
    for number, reach in enumerate((-0.4, 0.41, -0.47, 0.48)):
        _frond(
            sheet,
            scene,
            (w / 2 + reach * unit * max(1.0, w / h * 0.8), floor + unit * 0.03),
            unit * (0.34, 0.3, 0.2, 0.22)[number],
            number,
        )
    foot = (w / 2, floor + unit * 0.09)
    cast = [
        (foot[0] - unit * 0.1, foot[1]),
        (foot[0] + unit * 0.12, foot[1]),
        (foot[0] + side * unit * 0.6, foot[1] + unit * 0.12),
        (foot[0] + side * unit * 0.4, foot[1] + unit * 0.14),
    ]
    sheet.soft(cast, INK, unit * 0.018, 0.3)
    paint_thing(sheet, scene.thing, _stand_of(scene, *foot, unit * 0.56, side))
    sheet.vignette(0.3)


def _frond(sheet: Canvas, scene: Scene, root: Point, tall: float, number: int) -> None:
    green = scene.accent.mixed(Colour(0.5, 0.09, 150), 0.6).lit(-0.02 * number)
    lean = scene.roll(("frond", number), -0.12, 0.12)
    for step in range(9):
        up, fan = 0.2 + step * 0.1, (-1 if step % 2 else 1) * (0.26 - step * 0.018)
        start = (root[0] + lean * up * tall, root[1] - up * tall * 0.82)
        tip = (start[0] + fan * tall, start[1] - tall * 0.17)
        middle = ((start[0] + tip[0]) / 2, (start[1] + tip[1]) / 2)
        one = (middle[0], middle[1] - tall * 0.06)
        two = (middle[0], middle[1] + tall * 0.05)
        sheet.shape([start, one, tip, two], flat_light(green.lit(0.04 if step % 2 else -0.03), 1))
    sheet.line([root, (root[0] + lean * tall, root[1] - tall * 0.86)], green.lit(-0.14), tall * 0.018)


def _ground(sheet: Canvas, scene: Scene, floor: float) -> None:
    """The floor, which meets the wall without an edge, as paper does in a studio."""
    w, h = sheet.width, sheet.height
    edge = min(w, h) * 0.05
    sheet.shape(
        [(0, floor), (w, floor), (w, h), (0, h)], ((0, scene.ground.lit(0.05)), (1, scene.ground.lit(-0.1))), down=True
    )
    sheet.soft(
        [(-w, floor - edge * 0.3), (2 * w, floor - edge * 0.3), (2 * w, floor + edge * 0.5), (-w, floor + edge * 0.5)],
        scene.ground.lit(0.1),
        edge * 0.55,
        0.8,
    )


def _drum(sheet: Canvas, top: Point, radius: float, tall: float, colour: Colour, side: int) -> None:
    x, y = top
    flat = radius * 0.15
    sheet.soft(ellipse((x + side * radius * 0.2, y + tall), radius * 1.1, flat * 1.2), INK, radius * 0.09, 0.4)
    outline = [*ellipse((x, y + tall), radius, flat, 0, 180), (x - radius, y), (x + radius, y)]
    sheet.shape(outline, round_light(colour, side))
    sheet.shape(ellipse((x, y), radius, flat), flat_light(colour.lit(0.1), side))


def _ball_at(sheet: Canvas, scene: Scene, center: Point, radius: float, colour: Colour, side: int) -> None:
    sheet.soft(
        ellipse((center[0] + side * radius * 0.4, center[1] + radius * 0.95), radius, radius * 0.25),
        INK,
        radius * 0.25,
        0.4,
    )
    standing = _stand_of(scene, center[0], center[1], 1, side)
    ball(sheet, replace(standing, lean=0), (0, 0), radius, colour)


def _stand_of(scene: Scene, x: float, base: float, height: float, side: int) -> Stand:
    return Stand(
        x=x, base=base, height=height * scene.size, body=scene.body, accent=scene.accent, side=side, lean=scene.lean
    )


_COMPOSITIONS = (_plinth, _close_up, _row, _halo)
