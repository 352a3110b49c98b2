"""Signs that come with text from a web page or a word processor, and look like others that YAML knows."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from mjpipe.domain import Diagnostic, Severity
from mjpipe.manifest.document.parsing import ODD_SPACES
from mjpipe.manifest.document.source_text import SourceText
from mjpipe.manifest.document.tree import KeyPath, Map, Scalar, every_scalar

_INSTEAD = {
    **dict.fromkeys(ODD_SPACES, "type a space"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f", "delete it"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\uff02", 'type `"`'),
    **dict.fromkeys("\u2018\u2019\u201a\uff07", "type `'`"),
    **dict.fromkeys("\uff1a\ufe55", "type `:`"),
    "\uff0c": "type `,`",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "type `-`"),
}
_QUOTES = {
    "\u201c": "\u201d\u201c",
    "\u201e": "\u201c\u201d",
    "\u00ab": "\u00bb",
    "\u2018": "\u2019",
    "\u201d": "\u201d",
}
"""What may close each quote."""

_WHERE_SIGNS_COUNT = re.compile(r"^\W+|[:\uff1a\ufe55]\W*|[\[{,]\s*\W")
"""The beginning of a line, and what follows a colon, a bracket or a comma."""

_SYNTAX = frozenset({"MJ002", "MJ003", "MJ005"})
_NAMES_AND_VALUES = frozenset({"MJ011", "MJ012", "MJ013", "MJ014", "MJ016", "MJ017", "MJ021", "MJ036", "MJ041"})
_NAMES_SHOWN = 3


def named_signs(diagnostic: Diagnostic, source: SourceText) -> Diagnostic:
    """The diagnostic; if a pasted sign is the likely cause, its help says which one, and what to type.

    `source` is the manifest; a parser often complains a line below the mistake.
    """
    place = diagnostic.place
    if place.file == source.file and diagnostic.code in _SYNTAX:
        above = source.line(place.line - 2) if place.line > 1 else ""
        signs = [*_syntax_signs(place.text), *(sign for sign in _syntax_signs(above) if sign not in _QUOTES)]
        kept = diagnostic.help
    elif diagnostic.code in _NAMES_AND_VALUES:
        signs = [sign for sign in place.text[place.column - 1 : place.column - 1 + place.width] if sign in _INSTEAD]
        kept = None
    else:
        return diagnostic
    if not signs:
        return diagnostic
    named = map(_named, [*dict.fromkeys(signs)][:_NAMES_SHOWN])
    return replace(diagnostic, help="; ".join(filter(None, [*named, kept])))


def _syntax_signs(line: str) -> list[str]:
    """The pasted signs of a line that stand where YAML has a sign of its own."""
    return [] if line.isascii() else [sign for sign in "".join(_WHERE_SIGNS_COUNT.findall(line)) if sign in _INSTEAD]


def _named(sign: str) -> str:
    name = unicodedata.name(sign, "an unnamed sign").lower()
    shown = f"`{sign}` is U+{ord(sign):04X}" if sign.isprintable() else f"there is a U+{ord(sign):04X}"
    return f"{shown} ({name}): {_INSTEAD[sign]}"


def pasted_quotes(document: Map) -> Iterator[Diagnostic]:
    """Warns of texts that stand in typographic quotes: to YAML they are part of the text, and would be sent."""
    for _, scalar in every_scalar(document):
        text = scalar.text.source.strip()
        if len(text) > 1 and text[-1] in _QUOTES.get(text[0], "") and _has_no_others(text):
            yield Diagnostic(
                place=scalar.text.at(scalar.text.source.index(text[0])),
                code="MJ117",
                message="typographic quotes are part of the text",
                help=f"{_named(text[0])}, or put the whole in quotes if they are meant",
                severity=Severity.WARNING,
            )


def _has_no_others(text: str) -> bool:
    return not any(sign in _QUOTES for sign in text[1:-1])


def cut_texts(document: Map) -> Iterator[Diagnostic]:
    """Warns where ` #` ends a template, a variable, a cell or a prompt: to YAML the rest is a comment."""
    for path, scalar in every_scalar(document):
        if not _may_be_cut(path, scalar):
            continue
        written = scalar.text.source
        last = scalar.text.folds[-1][1] if scalar.text.folds else scalar.text.lines[-1]
        end = last.column - 1 + (last.width if written else 0)
        rest = last.text[end:]
        begin = len(rest) - len(rest.lstrip(" \t"))
        comment = rest[begin:].rstrip()
        # A comment of a person has a space behind its sign.
        if (begin or not written) and comment[:1] == "#" and comment[1:2].strip(" #!"):
            yield Diagnostic(
                place=replace(last, column=end + begin + 1, width=len(comment)),
                code="MJ116",
                message=f"the text {'ends here' if written else 'is empty'}: to YAML ` #` begins a comment",
                help="put the text in quotes, or a space behind the `#` if it is a comment",
                severity=Severity.WARNING,
            )


def _may_be_cut(path: KeyPath, scalar: Scalar) -> bool:
    """Whether a scalar is sent, or used in what is sent."""
    if scalar.value is not None and not isinstance(scalar.value, str):
        return False
    match path:
        case ("vars", *_) | ("inputs", _, "rows" | "matrix", *_):
            return True
        case (*_, "prompt" | "negative_prompt" | "remixPrompt"):
            return scalar.value is not None
    return "{{" in scalar.text.source or "{%" in scalar.text.source
