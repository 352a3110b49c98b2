"""The places in a template where a name is used."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from mjpipe.domain import Place
from mjpipe.manifest import Text

_ENDS = {"{{": "}}", "{%": "%}"}
_BEGIN = re.compile(r"\{\{|\{%")
_NEAR = 100
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"", re.DOTALL)


def place_of_name(text: Text, name: str, *, expression: bool = False) -> Place:
    """The first use of a name in the Jinja code of `text`, which is all of it for an `expression`.

    A use as a variable is preferred to one as an attribute or within quotes (`row['name']`). If there is none, it is
    the whole text.
    """
    code = [(0, len(text.source))] if expression else list(code_spans(text.source))
    uses = [match for match in _words(text.source, name) if _inside(match.start(), code)]
    quoted = [match.span() for match in _QUOTED.finditer(text.source)]
    for match in sorted(uses, key=lambda match: _is_member(text.source, match.start(), quoted)):
        return text.at(match.start(), len(name))
    return text.at(0, len(text.source))


def code_spans(source: str) -> Iterator[tuple[int, int]]:
    """The stretches between braces, in time proportional to the text, even if no brace is closed."""
    end = 0
    unclosed = set()
    for begin in _BEGIN.finditer(source):
        if begin.start() < end or begin[0] in unclosed:
            continue
        found = source.find(_ENDS[begin[0]], begin.end())
        if found < 0:
            unclosed.add(begin[0])
        else:
            end = found + 2
            yield begin.start(), end


def _words(source: str, word: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", source)


def _inside(offset: int, spans: list[tuple[int, int]]) -> bool:
    """`spans` are in order."""
    before = bisect_right(spans, offset, key=itemgetter(0))
    return before > 0 and offset < spans[before - 1][1]


def _is_member(source: str, offset: int, quoted: list[tuple[int, int]]) -> bool:
    return source[max(0, offset - _NEAR) : offset].rstrip()[-1:] in (".", "|") or _inside(offset, quoted)
