"""Turns a painting into pixels."""

import io
import textwrap
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont
from PIL.PngImagePlugin import PngInfo

from mjpipe.sandbox.pictures.canvas import Canvas
from mjpipe.sandbox.pictures.colour import Colour
from mjpipe.sandbox.pictures.compositions import paint_air, paint_scene
from mjpipe.sandbox.pictures.painting import EVERYTHING, LONG, Drawn, Edited, Painting, Photo, Size

_COARSE = 5
"""A draft has this many times fewer pixels, drawn out to full size."""

_ORIGIN = "mjpipe sandbox: drawn on this machine, by no model"


def draw_png(painting: Painting, pixels: int) -> bytes:
    """A PNG file that says where it comes from, smaller than the painting by as much as `pixels` is below `LONG`."""
    info = PngInfo()
    info.add_text("Software", _ORIGIN)
    out = io.BytesIO()
    width, height = (max(1, side * pixels // LONG) for side in painting.size)
    draw(painting, (width, height)).save(out, "PNG", compress_level=1, pnginfo=info)
    return out.getvalue()


def draw(painting: Painting, size: Size) -> Image.Image:
    """The painting at any size: scenes have no pixels of their own."""
    if isinstance(painting, Photo):
        return _photo(painting, size)
    if isinstance(painting, Drawn):
        image = _drawn(painting, size)
        _write(image, painting.caption)
        return image
    return _edited(painting, size)


def _drawn(painting: Drawn, size: Size) -> Image.Image:
    if painting.coarse:
        small = (max(1, size[0] // _COARSE), max(1, size[1] // _COARSE))
        return _drawn_fine(painting, small).resize(size, Image.Resampling.BILINEAR)
    return _drawn_fine(painting, size)


def _drawn_fine(painting: Drawn, size: Size) -> Image.Image:
    sheet = Canvas(Image.new("RGB", size))
    paint_air(sheet, painting.scene)
    if painting.behind is not None:
        sheet.image = Image.blend(sheet.image, _backdrop(painting.behind, size), 0.6)
    paint_scene(sheet, painting.scene)
    return sheet.image


def _backdrop(painting: Painting, size: Size) -> Image.Image:
    """A picture out of focus, filling the sheet."""
    scale = max(size[0] / painting.size[0], size[1] / painting.size[1])
    full = (max(size[0], round(painting.size[0] * scale)), max(size[1], round(painting.size[1] * scale)))
    image = draw(painting, full)
    left, top = (full[0] - size[0]) // 2, (full[1] - size[1]) // 2
    return image.crop((left, top, left + size[0], top + size[1])).filter(ImageFilter.BoxBlur(max(size) / 90))


def _edited(painting: Edited, size: Size) -> Image.Image:
    """Only what lies in the areas differs from the base; where the base does not reach, it is drawn out of focus."""
    if not painting.areas:
        whole = Drawn(size=size, scene=painting.scene, caption=painting.caption, behind=painting.base)
        return draw(whole, size)
    width, height = size
    left, top, right, bottom = painting.place
    box = round(left * width), round(top * height), round(right * width), round(bottom * height)
    image = Image.new("RGB", size) if painting.place == EVERYTHING else _backdrop(painting.base, size)
    image.paste(draw(painting.base, (max(1, box[2] - box[0]), max(1, box[3] - box[1]))), box[:2])
    for area in painting.areas:
        outline = [(x * width, y * height) for x, y in area]
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon(outline, fill=255)
        region = mask.getbbox()
        if region is None:
            continue
        patch_size = (region[2] - region[0], region[3] - region[1])
        patch = _drawn_fine(Drawn(size=patch_size, scene=painting.scene, caption=""), patch_size)
        _write(patch, painting.caption)
        image.paste(patch, region[:2], mask.crop(region))
    return image


def _photo(painting: Photo, size: Size) -> Image.Image:
    with Image.open(io.BytesIO(painting.content)) as image:
        return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _write(image: Image.Image, caption: str) -> None:
    """The caption, small, at the foot of the picture, in whatever tone can be read there."""
    if not caption:
        return
    size = max(8, round(max(image.size) / LONG * 9))
    letters = _font(size)
    margin = size
    lines = [_fitted(line, letters, image.width - 2 * margin) for line in caption.splitlines()]
    top = image.height - margin - round(len(lines) * size * 1.3)
    below = image.crop((0, max(0, top), image.width, image.height)).resize((1, 1), Image.Resampling.BOX)
    red, green, blue = below.getpixel((0, 0))  # type: ignore[misc]  # an RGB pixel is a tuple
    dark = 0.3 * red + 0.6 * green + 0.1 * blue < 122  # noqa: PLR2004 - a little below the middle: thin dark type reads better on grey
    ink = Colour(0.97, 0.01, 90) if dark else Colour(0.24, 0.02, 270)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((margin, top + number * size * 1.3), line, font=letters, fill=ink.rgb)


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _fitted(line: str, letters: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    line = "".join(letter if letter.isprintable() else " " for letter in line)
    if letters.getlength(line) <= width:
        return line
    return textwrap.shorten(line, max(1, int(len(line) * width / letters.getlength(line)) - 2), placeholder="…")
