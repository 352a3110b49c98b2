"""Images of other hosts: whether they can be read, and their size."""

import io
import warnings

from PIL import Image

_Size = tuple[int, int]


def readable_photo(content: bytes) -> bool:
    """Whether it is a complete image, and not too large to decode."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content)) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False
    return True


def image_size(content: bytes) -> _Size:
    with Image.open(io.BytesIO(content)) as image:
        return image.size
