"""A scene: what a picture shows, as numbers that a variation changes a little."""

from dataclasses import dataclass, replace

from mjpipe.sandbox.chance import seeded_fraction
from mjpipe.sandbox.pictures.colour import Colour
from mjpipe.sandbox.pictures.words import meaning

_COMPOSITIONS = 4

_NEAR = 0.13
"""Colours this close make a thing fade into its background."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`body` and `accent` are the thing's colours, `air` and `ground` those around it.

    `composition` is 0 to 3. `size`, `lean` and `glow` are near 1, 0 and 1. `mirrored` swaps left and right.
    `dice` is the seed of the scene's small random details.
    """

    thing: str
    composition: int
    body: Colour
    accent: Colour
    air: Colour
    ground: Colour
    size: float = 1
    lean: float = 0
    glow: float = 1
    mirrored: bool = False
    dice: str = ""

    def roll(self, name: object, low: float = 0, high: float = 1) -> float:
        return low + (high - low) * seeded_fraction(self.dice, name)


def scene(text: str, seed: str, index: int) -> Scene:
    """The scene of one image of a task: its words give things and colours, its index the composition."""
    said = meaning(text)
    turn = (seeded_fraction(seed, "turn") - 0.5) * 90
    body = said.colours[0] if said.colours else Colour(0.62, 0.115, said.hue)
    accent = said.colours[1] if len(said.colours) > 1 else body.turned(150 + turn).muted(0.8).lit(0.08)
    air = said.mood.turned(turn / 3) if said.mood else Colour(0.86, 0.045, (body.hue + 165 + turn) % 360)
    if len(said.colours) > 1 and said.mood is None:
        air = Colour(0.87, min(0.05, said.colours[1].chroma), said.colours[1].hue)
    if air.distance(body) < _NEAR:
        air = air.lit(0.14 if body.light < air.light else -0.16)
    # Each composition has a light of its own, so that four images of one prompt differ at a glance.
    air = (air, air.turned(24).lit(-0.09), air.turned(-22).lit(0.03), air.turned(8).lit(-0.04))[index % _COMPOSITIONS]
    return Scene(
        thing=said.thing,
        composition=index % _COMPOSITIONS,
        body=body,
        accent=accent,
        air=air,
        ground=air.lit(-0.1).turned(-14).muted(1.25),
        size=0.94 + seeded_fraction(seed, index, "size") * 0.12,
        mirrored=seeded_fraction(seed, "side") < 0.5,  # noqa: PLR2004 - heads or tails
        dice=f"{seed}/{index}",
    )


def varied(scene: Scene, text: str, seed: str, index: int, *, strong: bool) -> Scene:
    """A variation: the same thing in the same composition, in other light. `text` may ask for a mood or a colour."""
    said = meaning(text)
    reach = 46 if strong else 20
    # From one side to the other in even steps, so that no variation looks like its source or like its neighbour.
    turn = (-1.0, -0.45, 0.45, 1.0)[index % _COMPOSITIONS] * reach
    air = said.mood or scene.air.turned(turn * 1.3)
    body = said.colours[0] if said.colours else scene.body.turned(turn * 0.7)
    return replace(
        scene,
        body=body,
        accent=scene.accent.turned(-turn),
        air=air.lit((0.03, -0.05, 0.05, -0.02)[index % _COMPOSITIONS]),
        ground=air.lit(-0.11).turned(-14).muted(1.25),
        size=scene.size * (0.9, 1.06, 0.95, 1.1)[index % _COMPOSITIONS],
        lean=scene.lean + (0.05, -0.04, -0.05, 0.04)[index % _COMPOSITIONS] * (2 if strong else 1),
        glow=scene.glow * (1.25, 0.8, 1.15, 0.9)[index % _COMPOSITIONS],
        mirrored=scene.mirrored ^ (strong and index % 2 == 1),
        dice=f"{seed}/{index}" if strong else scene.dice,
    )
