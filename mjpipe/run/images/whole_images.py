"""Whether bytes are a whole image, its pixels and type, and which ending its file gets."""

import os
import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from mjpipe.ledger import ImageFacts

if TYPE_CHECKING:
    from PIL.Image import Image

ENDINGS = {
    "PNG": "png",
    "JPEG": "jpg",
    "MPO": "jpg",
    "WEBP": "webp",
    "GIF": "gif",
    "AVIF": "avif",
    "TIFF": "tif",
    "JPEG2000": "jp2",
    "BMP": "bmp",
}
"""The formats that count as images, with the endings of their files. MPO is a JPEG with more pictures after the first,
as phones and cameras write it; every viewer of JPEGs shows it.
"""

MEDIA_TYPES = {
    **{name: f"image/{name.lower()}" for name in ENDINGS},
    "MPO": "image/jpeg",
    "JPEG2000": "image/jp2",
}
"""What the files of these formats are called on the web."""

DECODED = tuple(name for name in ENDINGS if name != "MPO")
"""What Pillow is asked to open: it finds an MPO by itself when it opens a JPEG."""

PNG_END = b"IEND\xaeB`\x82"
LAST_BYTES = 64
"""How much of a file is searched for its end: some encoders write a little after it."""

LARGE = 1 << 25
"""Images of this many pixels are decoded one at a time: a small file can need much memory. Pillow refuses more than
178,956,970.
"""

# Pillow warns of large pictures and of odd metadata. Neither keeps an image from being whole, and a person who reads
# the terminal can do nothing about it.
warnings.filterwarnings("ignore", module=r"PIL\.")

_one_large_at_a_time = Lock()


class BrokenImage(Exception):
    """What came is not a whole image."""


class UnknownFormat(BrokenImage):
    """What came may be a whole image of a format that is not known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeImage:
    """`ending` is that of its file, without the point."""

    ending: str
    facts: ImageFacts


def whole_image(source: Path | bytes) -> WholeImage:
    """An image in a file or in memory, decoded. Of several pictures in it the first is.

    Raises BrokenImage when it is not whole or of no known format, OSError when the file cannot be read.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - slow to import, and most runs find all as it was

    try:
        with Image.open(source if isinstance(source, Path) else BytesIO(source), formats=DECODED) as image:
            with _room_for(image):
                image.load()
            form, width, height = str(image.format), image.width, image.height
    except UnidentifiedImageError as fault:
        raise UnknownFormat("it is not an image of a known format") from fault
    except OSError as fault:
        if fault.errno is not None:  # a fault of the disk; Pillow's own have no number
            raise
        raise _broken(fault, source) from fault
    except Exception as fault:
        raise _broken(fault, source) from fault
    if form not in ENDINGS:
        raise UnknownFormat(f"its format is {form}, which has no known file extension")
    if not _has_its_end(source, form):
        raise BrokenImage("its end is missing")
    return WholeImage(ending=ENDINGS[form], facts=ImageFacts(width=width, height=height, media_type=MEDIA_TYPES[form]))


def facts_of_file(path: Path) -> ImageFacts | None:
    """What the beginning of an image's file says, without decoding it; None where it says nothing that is known."""
    from PIL import Image  # noqa: PLC0415 - as above

    try:
        with Image.open(path, formats=DECODED) as image:
            return ImageFacts(width=image.width, height=image.height, media_type=MEDIA_TYPES[str(image.format)])
    except Exception:  # noqa: BLE001 - whatever Pillow says of it: nothing depends on this
        return None


def _room_for(image: "Image") -> AbstractContextManager[object]:
    return _one_large_at_a_time if image.width * image.height >= LARGE else nullcontext()


def _broken(fault: Exception, source: Path | bytes) -> BrokenImage:
    said = str(fault)
    return BrokenImage(
        (said if isinstance(source, bytes) else said.replace(str(source), "the file")) or type(fault).__name__
    )


def _has_its_end(source: Path | bytes, form: str) -> bool:
    """Pillow accepts a PNG or GIF without its last bytes."""
    if isinstance(source, bytes):
        tail = source[-LAST_BYTES:]
    else:
        with source.open("rb") as file:
            file.seek(-min(LAST_BYTES, os.fstat(file.fileno()).st_size), os.SEEK_END)
            tail = file.read()
    return {"PNG": PNG_END in tail, "GIF": b";" in tail}.get(form, True)
