"""The one form of texts: composed (NFC), lines that end in LF.

Programs and systems write the same text in several forms, which look the same. Texts that only
differ so are one text here, and ask for the same picture.
"""

import unicodedata
from collections.abc import Callable
from typing import Any


def plain_form(text: str) -> str:
    """`text` in NFC, its line ends as LF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def has_plain_form(text: str) -> bool:
    return "\r" not in text and (text.isascii() or unicodedata.is_normalized("NFC", text))


def in_plain_form(value: Any) -> Any:
    """A JSON value with all its texts in that form; names of objects stay as they are."""
    return with_texts(value, plain_form)


def with_texts(value: Any, form: Callable[[str], str]) -> Any:
    """A JSON value with what `form` makes of each of its texts; names of objects stay as they are."""
    match value:
        case str():
            return form(value)
        case list():
            return [with_texts(item, form) for item in value]
        case dict():
            return {name: with_texts(item, form) for name, item in value.items()}
    return value
