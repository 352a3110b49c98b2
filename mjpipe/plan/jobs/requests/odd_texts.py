"""What is odd in a text that is sent, though it could be meant so."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from mjpipe.contract import FLAG_FIELDS, FLAGLESS, FLAGS_WITHOUT_FIELD
from mjpipe.manifest import short

_BLANKS = (
    *("nan", "NaN", "NAN", "NaT", "None", "none", "NONE", "null", "Null", "NULL", "nil", "<NA>", "N/A", "n/a"),
    *("undefined", "[object Object]"),
)
_SPREADSHEET_ERRORS = (
    *("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!", "#SPILL!", "#CALC!"),
    *("#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#NV", "#BEZUG!", "#WERT!"),
)
_WORDS = {**dict.fromkeys(_BLANKS, "MJ110"), **dict.fromkeys(_SPREADSHEET_ERRORS, "MJ111")}
"""Cells that are nothing but such a word, with the code of the warning."""

_STANDS_FOR_NOTHING = frozenset(_WORDS)
_TAGS = (
    "a|abbr|article|b|blockquote|body|br|button|caption|center|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer|"
    "form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta|nav|ol|p|picture|pre|q|s|"
    "script|section|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|title|tr|"
    "tt|u|ul|video"
)
# Long patterns are compiled when a text calls for them, not at every start.
_HTML = rf"(?i)</?(?:{_TAGS})(?:\s[^<>]*)?/?>|<!--|&(?:[a-z][a-z0-9]{{1,31}}|#[0-9]{{1,7}}|#x[0-9a-f]{{1,6}});"
_TEMPLATE = r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\{\{|\{%|\}\}|%\}"
_PERMUTATION = r"\{[^{}]*,[^{}]*\}"
_PLACEHOLDER = r"\{[^{},]*\}"
_JOINED_DASHES = r"(?<!\S)[\u2013\u2014](?P<name>[A-Za-z]+)\b"
_FLAGS = FLAG_FIELDS.keys() | FLAGS_WITHOUT_FIELD
_URL = r"(?i)\Ahttps?://\S+"

_WESTERN = (
    "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f"
    "\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178"
)
"""The bytes from 0x80 to 0x9F as Windows reads them (cp1252), written out so that no start loads a codec."""

_CP1252 = {sign: byte for byte, sign in enumerate(_WESTERN + "".join(map(chr, range(0xA0, 0xC0))), 0x80)}
"""Each sign that a byte within a character of UTF-8 becomes when it is read as Western text."""

_MIDDLE = "".join(map(re.escape, {*_CP1252, *map(chr, range(0x80, 0xC0))}))
_READ_TWICE = rf"(?:[\u00c2-\u00c5\u00ce-\u00d1][{_MIDDLE}]|[\u00e2-\u00ef][{_MIDDLE}]{{2}}|\u00f0[{_MIDDLE}]{{3}})+"

_BEFORE_A_QUOTE = frozenset({"\u00c4\u201d", "\u00c5\u201d", "\u00cf\u201d"})
"""A capital and the quote that closes behind it, far more often than the rare letters that their bytes are."""


class OddText(NamedTuple):
    """`part` is the odd piece of the text."""

    code: str
    message: str
    help: str
    part: str


def may_be_odd(text: str) -> bool:
    """Whether it is worth to look for something odd. Asked for each job, so it only looks for signs."""
    return "<" in text or "&" in text or "{" in text or ":" in text or "}" in text or not text.isascii()


def odd_parts(field: str, text: str) -> Iterator[OddText]:
    """What is odd in the text of a param, each kind once."""
    if not text.isascii():
        yield from _damaged(text)
    if ("<" in text or "&" in text) and (found := re.search(_HTML, text)):
        from html import unescape  # noqa: PLC0415 - seldom needed

        read = unescape(found[0])
        means = f", which means `{read}`" if read.isprintable() and read.strip() and read != found[0] else ""
        help_text = f"`{short(found[0])}`{means}: the filter `striptags` removes tags and reads entities"
        yield OddText("MJ113", "HTML is sent as it stands", help_text, found[0])
    if "{" in text or "}" in text:
        yield from _braces(text)
    if field in FLAGLESS:
        yield from _midjourney(text)


def _damaged(text: str) -> Iterator[OddText]:
    if "\ufffd" in text:
        help_text = "look at the cell in its source, and export the file again as UTF-8"
        yield OddText("MJ112", "a damaged text is sent: U+FFFD stands for a lost character", help_text, "\ufffd")
    for found in re.finditer(_READ_TWICE, text):
        if found[0] not in _BEFORE_A_QUOTE and (read := _read_once(found[0])) is not None:
            message = "a damaged text is sent: its UTF-8 was read as another encoding"
            help_text = f"`{short(found[0])}` was `{short(read)}`: export the file again, as UTF-8"
            yield OddText("MJ112", message, help_text, found[0])
            return


def _read_once(text: str) -> str | None:
    """The text whose UTF-8 was read as Western text; None if it is no such text."""
    try:
        read = bytes(_CP1252.get(char, ord(char)) for char in text).decode("utf-8")
    except ValueError:
        return None
    return read if read.isprintable() or read == "\u00a0" else None


def _braces(text: str) -> Iterator[OddText]:
    permutation = re.search(_PERMUTATION, text)
    found = re.search(_TEMPLATE, text)
    if found and not (permutation and found[0] == "}}"):  # which also ends `{red, {blue, green}}`
        help_text = "a cell is not a template: write what is meant, or put the template into the manifest"
        yield OddText("MJ114", "braces of a template are sent as they stand", help_text, found[0])
    elif permutation:
        message = "`{a, b}` is sent as it stands: the service does not make several prompts of it"
        yield OddText("MJ115", message, "make a column of a `matrix` of it, and write `{{ column }}`", permutation[0])
    elif found := re.search(_PLACEHOLDER, text):
        name = found[0][1:-1].strip()
        is_name = name.replace(" ", "").isidentifier()
        help_text = f"a template has two: `{{{{ {name} }}}}`" if is_name else "leave them out if they are not meant"
        yield OddText("MJ114", "braces are sent as they stand", help_text, found[0])


def _midjourney(text: str) -> Iterator[OddText]:
    if not text.isascii() and (flag := re.search(_JOINED_DASHES, text)) and flag["name"].lower() in _FLAGS:
        message = "a flag is sent as text: an editor made one long dash of its two dashes"
        use = FLAG_FIELDS.get(flag["name"].lower())
        help_text = f"use `{use}` in `params` instead" if use else "remove it: the service has no field for it"
        yield OddText("MJ115", message, f"`{flag[0]}`: {help_text}", flag[0])
    if found := re.match(_URL, text):
        message = "a prompt begins with a URL, which is only text to the service"
        yield OddText("MJ115", message, "to start from a picture, give its URL as `image_urls`", found[0])
    if "::" in text:
        message = "`::` is sent as it stands: no page of the service says that it knows weights"
        yield OddText("MJ115", message, "say in words what matters most, or use `negative_prompt`", "::")


def words_for_nothing(columns: Collection[str]) -> Callable[[Mapping[str, Any], str], list[tuple[str, OddText]]] | None:
    """Finds those of the columns whose cell is a word for nothing that the text contains; None without columns."""
    if not columns:
        return None
    ordered = sorted(columns)
    getter = itemgetter(*ordered)
    only = ordered[0] if len(ordered) == 1 else None
    none_of = _STANDS_FOR_NOTHING.isdisjoint

    def found(values: Mapping[str, Any], text: str) -> list[tuple[str, OddText]]:
        try:
            if (values[only] not in _STANDS_FOR_NOTHING) if only is not None else none_of(getter(values)):
                return []
        except TypeError:  # a list among them
            pass
        cells = [(column, values[column]) for column in ordered if isinstance(values[column], str)]
        words = [(column, cell) for column, cell in cells if cell in _STANDS_FOR_NOTHING]
        return [(column, _nothing(word)) for column, word in words if _has_word(text, word)]

    return found


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _nothing(word: str) -> OddText:
    if _WORDS[word] == "MJ111":
        message, help_text = "a spreadsheet's error is sent as text", "correct its formula, or leave the cell empty"
    else:
        message = "a word that stands for no value is sent as text"
        help_text = "leave the cell empty, or drop the row with `where`"
    return OddText(_WORDS[word], message, f"`{word}`: {help_text}", word)
