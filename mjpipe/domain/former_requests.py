"""The requests that older releases sent for what a job asks for now: what was made of one of them is not made again.

The ledger gives the requests on record the form of today when it is upgraded. Records outside of it do not have the
requests, only their fingerprints, and these show a former form only to somebody who tries it.
"""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from mjpipe.domain.job import JsonObject


def former_forms(request: JsonObject) -> Iterator[JsonObject]:
    """A request in the forms that it may have had: texts decomposed, with the line ends of Windows, or both; the URLs
    of a list as one, or each with the comma that followed it.
    """
    texts = [*_texts(request)]
    decomposes = any(not text.isascii() for text in texts)
    has_lines = any("\n" in text for text in texts)
    if decomposes:
        yield _changed(request, _decomposed)
    if has_lines:
        yield _changed(request, _with_windows_ends)
    if decomposes and has_lines:
        yield _changed(request, lambda text: _with_windows_ends(_decomposed(text)))
    for joined in (_as_one_url, _with_commas):
        former = {name: joined(value) if _is_list_of_urls(value) else value for name, value in request.items()}
        if former != request:
            yield former


def _is_list_of_urls(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(url, str) and url.startswith("http") for url in value)


def _as_one_url(urls: Any) -> list[str]:
    return [",".join(urls)]


def _with_commas(urls: Any) -> list[str]:
    return [*(f"{url}," for url in urls[:-1]), urls[-1]]


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


def _changed(value: Any, form: Callable[[str], str]) -> Any:
    match value:
        case str():
            return form(value)
        case list():
            return [_changed(item, form) for item in value]
        case dict():
            return {name: _changed(item, form) for name, item in value.items()}
    return value
