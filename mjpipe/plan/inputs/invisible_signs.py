"""Signs that nobody sees, which people paste without knowing."""

import re
import unicodedata

_SIGNS = re.compile(
    "[\u00a0\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202f\u2060-\u2064\u2066-\u2069\ufeff]"
)
"""Not the joiners U+200C and U+200D, without which Persian, Hindi and emoji cannot be written."""

_JOINERS = "\u200c\u200d"


def invisible_in(text: str) -> str | None:
    """The first of them in `text`, as `zero width space (U+200B)`; None without one."""
    found = _SIGNS.search(text)
    if found is None:
        return None
    name = "byte order mark" if found[0] == "\ufeff" else unicodedata.name(found[0], "a sign").lower()
    return f"{name} (U+{ord(found[0]):04X})"


def visible(text: str) -> str:
    """`text` as it is seen: spaces that do not break are spaces, the rest is gone."""
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    return _SIGNS.sub("", text.translate(dict.fromkeys(map(ord, _JOINERS)))).strip()
