"""How names are written in messages, and which known name an unknown one was probably meant to be."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 40


def quoted(names: Iterable[object]) -> str:
    """`a`, `b`, `c`"""
    return ", ".join(f"`{name}`" for name in names)


def with_article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def short(text: str) -> str:
    """A value as a message shows it: a long one is cut."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is most like; None when none is."""
    by_form = {_normalised(candidate): candidate for candidate in known}
    found = get_close_matches(_normalised(name), by_form, n=1)
    return by_form[found[0]] if found else None


def _normalised(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace("-", "_").replace(" ", "_")


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "available:") -> str | None:
    """Help for an unknown name: the nearest known one, else all of them after `otherwise`."""
    known = list(known)
    near = nearest(name, known)
    if near is not None:
        return f"did you mean `{near}`?"
    return f"{otherwise} {quoted(known)}" if known else None
