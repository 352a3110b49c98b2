"""How names are written in messages, and which known name an unknown one was probably meant to be."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from heapq import nlargest
from operator import eq

_LONGEST = 40

_READ_AS_DIGITS = str.maketrans("oil", "011")
"""Letters that are typed for digits, and the other way round: `K-OO1` is `K-001`, whatever else is one letter off."""

_ALL_COMPARED = 5_000
"""Comparing takes some 20 microseconds a name."""

_MOST_COMPARED = 500
"""Of more names than that."""


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


def near_names(name: str, known: Sequence[str], *, most: int) -> list[str]:
    """Up to `most` known names that are like `name`, the most like first; only the one that it is in other letter case
    or spelling, if there is one.
    """
    form = _normalised(name)
    by_form = {_normalised(candidate): candidate for candidate in known}
    if form in by_form:
        return [by_form[form]]
    return [by_form[found] for found in get_close_matches(form, _alike(form, by_form), n=most)]


def _alike(form: str, known: Mapping[str, str]) -> list[str]:
    """The names to compare: all, or of very many those with the most signs in the same places from either end."""
    if len(known) <= _ALL_COMPARED:
        return [*known]
    backwards = form[::-1]
    return nlargest(
        _MOST_COMPARED, known, key=lambda name: sum(map(eq, form, name)) + sum(map(eq, backwards, name[::-1]))
    )


def _normalised(name: str) -> str:
    form = unicodedata.normalize("NFKC", name).casefold().replace("-", "_").replace(" ", "_")
    return form.translate(_READ_AS_DIGITS) if any(map(str.isdigit, form)) else form


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "available:") -> str | None:
    """Help for an unknown name: the nearest known one, else all of them after `otherwise`."""
    known = list(known)
    near = nearest(name, known)
    if near is not None:
        return f"did you mean `{near}`?"
    return f"{otherwise} {quoted(known)}" if known else None
