"""What a prompt's words mean to the sandbox: colours, moods and things."""

import re
from dataclasses import dataclass

from mjpipe.sandbox.chance import seeded_fraction
from mjpipe.sandbox.pictures.colour import Colour

_WORD = re.compile(r"[^\W\d_]+")

_COLOURS: dict[str, Colour] = {
    "red": Colour(0.58, 0.19, 27),
    "crimson": Colour(0.50, 0.19, 22),
    "scarlet": Colour(0.60, 0.21, 30),
    "coral": Colour(0.72, 0.15, 32),
    "terracotta": Colour(0.61, 0.12, 42),
    "rust": Colour(0.52, 0.13, 42),
    "orange": Colour(0.73, 0.16, 58),
    "amber": Colour(0.77, 0.15, 75),
    "copper": Colour(0.62, 0.10, 48),
    "brass": Colour(0.73, 0.10, 85),
    "gold": Colour(0.78, 0.12, 88),
    "golden": Colour(0.78, 0.12, 88),
    "yellow": Colour(0.87, 0.16, 98),
    "mustard": Colour(0.73, 0.13, 88),
    "ochre": Colour(0.67, 0.11, 78),
    "olive": Colour(0.56, 0.09, 112),
    "green": Colour(0.58, 0.12, 148),
    "sage": Colour(0.73, 0.045, 140),
    "mint": Colour(0.86, 0.075, 165),
    "emerald": Colour(0.55, 0.13, 160),
    "teal": Colour(0.55, 0.09, 195),
    "turquoise": Colour(0.74, 0.11, 190),
    "cyan": Colour(0.77, 0.11, 205),
    "celadon": Colour(0.80, 0.05, 158),
    "blue": Colour(0.53, 0.15, 256),
    "navy": Colour(0.33, 0.08, 262),
    "cobalt": Colour(0.46, 0.17, 262),
    "indigo": Colour(0.41, 0.13, 278),
    "purple": Colour(0.49, 0.16, 305),
    "violet": Colour(0.53, 0.17, 295),
    "lavender": Colour(0.78, 0.07, 298),
    "magenta": Colour(0.60, 0.21, 340),
    "pink": Colour(0.79, 0.10, 3),
    "rose": Colour(0.70, 0.13, 10),
    "blush": Colour(0.85, 0.045, 25),
    "brown": Colour(0.43, 0.06, 52),
    "walnut": Colour(0.40, 0.055, 55),
    "oak": Colour(0.68, 0.065, 72),
    "wooden": Colour(0.58, 0.075, 62),
    "leather": Colour(0.49, 0.09, 50),
    "cork": Colour(0.69, 0.07, 68),
    "linen": Colour(0.89, 0.02, 85),
    "beige": Colour(0.86, 0.03, 80),
    "sand": Colour(0.82, 0.045, 80),
    "cream": Colour(0.93, 0.03, 92),
    "ivory": Colour(0.94, 0.02, 95),
    "porcelain": Colour(0.93, 0.008, 240),
    "marble": Colour(0.91, 0.006, 250),
    "white": Colour(0.95, 0.004, 90),
    "silver": Colour(0.80, 0.008, 250),
    "steel": Colour(0.66, 0.015, 245),
    "stone": Colour(0.66, 0.015, 80),
    "concrete": Colour(0.69, 0.008, 90),
    "stoneware": Colour(0.62, 0.03, 70),
    "grey": Colour(0.62, 0.006, 250),
    "gray": Colour(0.62, 0.006, 250),
    "slate": Colour(0.45, 0.02, 245),
    "charcoal": Colour(0.33, 0.01, 260),
    "black": Colour(0.25, 0.008, 270),
    "glass": Colour(0.84, 0.04, 205),
    "transparent": Colour(0.86, 0.03, 215),
}

_MOODS: dict[str, Colour] = {
    "studio": Colour(0.86, 0.022, 70),
    "lifestyle": Colour(0.83, 0.05, 68),
    "macro": Colour(0.50, 0.05, 150),
    "minimal": Colour(0.93, 0.01, 90),
    "moody": Colour(0.32, 0.035, 280),
    "dark": Colour(0.28, 0.03, 265),
    "dramatic": Colour(0.30, 0.05, 20),
    "cinematic": Colour(0.38, 0.05, 215),
    "night": Colour(0.28, 0.06, 272),
    "evening": Colour(0.52, 0.09, 320),
    "morning": Colour(0.89, 0.05, 80),
    "sunset": Colour(0.74, 0.11, 45),
    "sunlight": Colour(0.89, 0.07, 85),
    "summer": Colour(0.86, 0.08, 95),
    "autumn": Colour(0.66, 0.09, 55),
    "winter": Colour(0.89, 0.03, 235),
    "spring": Colour(0.89, 0.055, 140),
    "warm": Colour(0.83, 0.07, 62),
    "warmer": Colour(0.81, 0.09, 56),
    "cold": Colour(0.83, 0.045, 240),
    "cooler": Colour(0.80, 0.06, 240),
    "forest": Colour(0.46, 0.065, 150),
    "garden": Colour(0.72, 0.08, 140),
    "greenhouse": Colour(0.78, 0.07, 150),
    "park": Colour(0.74, 0.09, 138),
    "desert": Colour(0.80, 0.075, 65),
    "beach": Colour(0.86, 0.05, 90),
    "sea": Colour(0.64, 0.08, 225),
    "ocean": Colour(0.52, 0.09, 238),
    "sky": Colour(0.80, 0.07, 238),
    "kitchen": Colour(0.86, 0.035, 100),
    "library": Colour(0.47, 0.055, 55),
}

_THINGS: dict[str, str] = {
    **dict.fromkeys(("teapot", "kettle", "pot", "coffeepot", "tea"), "teapot"),
    **dict.fromkeys(("mug", "cup", "coffee", "espresso", "tumbler", "beaker"), "mug"),
    **dict.fromkeys(("bottle", "perfume", "wine", "oil", "serum", "flask", "lotion", "shampoo"), "bottle"),
    **dict.fromkeys(("vase", "carafe", "jug", "pitcher", "urn", "amphora", "vessel"), "vase"),
    **dict.fromkeys(("jar", "candle", "honey", "jam", "cream", "tin", "canister"), "jar"),
    **dict.fromkeys(("bowl", "dish", "plate", "salad", "soup", "basin", "saucer"), "bowl"),
    **dict.fromkeys(("lamp", "light", "lantern", "lampshade", "bulb"), "lamp"),
    **dict.fromkeys(("speaker", "radio", "amplifier", "camera", "phone", "headphones", "gadget"), "speaker"),
    **dict.fromkeys(("watch", "clock", "ring", "bracelet", "jewellery", "jewelry"), "watch"),
    **dict.fromkeys(("book", "books", "notebook", "library", "magazine", "journal"), "books"),
    **dict.fromkeys(("plant", "flower", "flowers", "fern", "cactus", "leaf", "garden", "bouquet", "planter"), "plant"),
    **dict.fromkeys(("box", "gift", "package", "parcel", "crate", "cube", "soap"), "box"),
    **dict.fromkeys(("chair", "stool", "armchair", "sofa", "bench", "table", "desk"), "chair"),
    **dict.fromkeys(("house", "cabin", "home", "building", "barn", "cottage", "city"), "house"),
    **dict.fromkeys(("tree", "trees", "forest", "park", "pine", "mountain", "landscape"), "tree"),
}

_NAMELESS = ("vase", "bottle", "jar", "bowl", "box")
"""What stands for a thing that the sandbox has no picture of."""

_EMPTY = frozenset({"a", "an", "the", "of", "on", "in", "at", "by", "and", "with", "for", "from", "to", "photo"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a text says. `colours` and `mood` are what it names, in its order; `thing` is always one."""

    thing: str
    named: bool
    colours: tuple[Colour, ...]
    mood: Colour | None
    hue: float
    """In degrees, from all its words: two prompts without a colour word have different colours all the same."""


def meaning(text: str) -> Meaning:
    words = [word for word in _WORD.findall(text.lower()) if word not in _EMPTY]
    things = [thing for word in words if (thing := _THINGS.get(word) or _THINGS.get(word.removesuffix("s")))]
    moods = [_MOODS[word] for word in words if word in _MOODS]
    return Meaning(
        thing=things[0] if things else _NAMELESS[int(seeded_fraction(*words) * len(_NAMELESS))],
        named=bool(things),
        colours=tuple(_COLOURS[word] for word in words if word in _COLOURS),
        mood=moods[0] if moods else None,
        hue=seeded_fraction("hue", *words) * 360,
    )
