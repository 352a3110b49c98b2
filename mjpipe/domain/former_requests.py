"""The requests that older releases sent for what a job asks for now: what was made of one of them is not made again.

The ledger gives the requests on record the form of today when it is upgraded. Records outside of it do not have the
requests, only their fingerprints, and these show a former form only to somebody who tries it.
"""

import unicodedata
from collections.abc import Iterator
from itertools import product
from typing import Any

from mjpipe.domain.job import JsonObject
from mjpipe.domain.text_form import with_texts

_FEW = 4
"""URLs in a list that is tried in all ways in which it may have been written."""


def former_forms(request: JsonObject) -> Iterator[JsonObject]:
    """A request in the forms that it may have had: texts decomposed, with the line ends of Windows, or both; URLs of a
    list as one, or with the comma that followed them.
    """
    texts = [*_texts(request)]
    decomposes = any(not text.isascii() for text in texts)
    has_lines = any("\n" in text for text in texts)
    if decomposes:
        yield with_texts(request, _decomposed)
    if has_lines:
        yield with_texts(request, _with_windows_ends)
    if decomposes and has_lines:
        yield with_texts(request, lambda text: _with_windows_ends(_decomposed(text)))
    lists = {name: value for name, value in request.items() if _is_list_of_urls(value)}
    for ways in product(*([*_split_at_blanks(urls)] for urls in lists.values())):
        former = {**request, **dict(zip(lists, ways, strict=True))}
        if former != request:
            yield former


def _is_list_of_urls(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(url, str) and url.startswith("http") for url in value)
    )


def _split_at_blanks(urls: Any) -> Iterator[list[str]]:
    """A list as a release read it that split only at white space, for each way in which it may have been written: all
    ways of a few URLs, the same way throughout for many.
    """
    between = (" ", ", ", ",")
    all_ways = (
        product(between, repeat=len(urls) - 1) if len(urls) <= _FEW else ((sign,) * (len(urls) - 1) for sign in between)
    )
    for signs in all_ways:
        for end in ("", ","):
            yield "".join(map("".join, zip(urls, (*signs, end), strict=True))).split(" ")


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _with_windows_ends(text: str) -> str:
    return text.replace("\n", "\r\n")


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for item in value.values():
                yield from _texts(item)
