"""Images from elsewhere: whether they can be read, and how large they are."""

import io
import warnings

from PIL import Image

_Size = tuple[int, int]


def readable_photo(content: bytes) -> bool:
    """Whether it is a complete image that is not too large to be unpacked."""
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
