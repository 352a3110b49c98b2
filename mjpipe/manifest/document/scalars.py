"""YAML scalars: their values by the core rules of YAML 1.2, and where each part of one is written."""

import math
import re
from collections.abc import Iterator

from yaml.scanner import Scanner

from mjpipe.domain import Place
from mjpipe.manifest.document.source_text import SourceText
from mjpipe.manifest.document.text import Text

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 40

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_PROPERTIES = re.compile(r"(?:&\S+(?:\s|#[^\r\n]*)*)?")


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar.

    Infinities, NaN and very long numbers stay text: no key of a manifest takes them, and JSON cannot write
    them.
    """
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def text_at(lines: SourceText, value: str, style: str, start: int, end: int) -> Text:
    """The text `value`, written from `start` to `end` of the file in `style`: `|`, `>`, `'`, `"`, empty for plain."""
    properties = _PROPERTIES.match(lines.text, start, end)
    start = properties.end() if properties else start
    if style == "|":
        return Text(value, tuple(_literal_lines(lines, value, start)))
    if style in ("'", '"'):
        start, end = start + 1, end - 1
    if lines.text[start:end] == value and "\n" not in value:
        return Text(value, (lines.place(start, len(value)),))
    return _folded(lines, value, list(_stretches(lines, style, start, end)), lines.place(start))


def _literal_lines(lines: SourceText, value: str, start: int) -> Iterator[Place]:
    """The places of the lines of a literal block scalar, without the block's indentation."""
    header, last = lines.number(start), lines.number(len(lines.text))
    for offset, line in enumerate(value.split("\n")):
        number = min(header + 1 + offset, last)
        begin, end = lines.span(number)
        yield lines.place(max(begin, end - len(line)), len(line))


def _stretches(lines: SourceText, style: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """The parts of a scalar that are written without a break: the value, index and width in the file of each."""
    first, last = lines.number(start), lines.number(max(start, end - 1))
    for number in range(first + (style == ">"), last + 1):
        line_start, line_end = lines.span(number)
        left, right = max(start, line_start), min(end, line_end)
        raw = lines.text[left:right]
        if number > first:
            left += len(raw) - len(raw.lstrip(" \t"))
        if number < last:
            right = max(left, left + len(lines.text[left:right].rstrip(" \t")))
        yield from _unescaped(lines.text[left:right], style, left)


def _unescaped(raw: str, style: str, index: int) -> Iterator[tuple[str, int, int]]:
    escape = {"'": re.compile("''"), '"': _ESCAPE}.get(style)
    done = 0
    for found in escape.finditer(raw) if escape else ():
        if found.start() > done:
            yield raw[done : found.start()], index + done, found.start() - done
        yield _meaning(found.group()), index + found.start(), len(found.group())
        done = found.end()
    if done < len(raw):
        # A backslash at the end of a line joins it to the next and means nothing by itself.
        rest = raw[done:].removesuffix("\\") if style == '"' else raw[done:]
        yield rest, index + done, len(rest)


def _meaning(escape: str) -> str:
    if escape == "''":
        return "'"
    letter, code = escape[1], escape[2:]
    if code and int(code, 16) <= 0x10FFFF:  # noqa: PLR2004 - the last code point of Unicode
        return chr(int(code, 16))
    return Scanner.ESCAPE_REPLACEMENTS.get(letter, letter)


def _folded(lines: SourceText, value: str, stretches: list[tuple[str, int, int]], start: Place) -> Text:
    """Finds each part in `value`: folding left only white space between two of them."""
    anchors: list[tuple[int, Place]] = []
    offset = 0
    for meaning, index, width in stretches:
        found = value.find(meaning, offset)
        if meaning and found >= 0:
            anchors.append((found, lines.place(index, width)))
            offset = found + len(meaning)
    return Text(value, tuple(_line_places(value, anchors, start)), tuple(anchors))


def _line_places(value: str, anchors: list[tuple[int, Place]], start: Place) -> Iterator[Place]:
    """The place where each line of `value` starts; an empty one is shown where the line before it is."""
    offset, place, rest = 0, start, iter(anchors)
    anchor = next(rest, None)
    for line in value.split("\n"):
        while anchor and anchor[0] < offset:
            anchor = next(rest, None)
        if anchor and anchor[0] <= offset + len(line):
            place = anchor[1]
        yield place
        offset += len(line) + 1
