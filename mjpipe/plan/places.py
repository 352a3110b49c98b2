"""Where in a template a name is used."""

import re
from collections.abc import Iterator

from mjpipe.domain import Place
from mjpipe.manifest import Text

_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"", re.DOTALL)


def place_of_name(text: Text, name: str, *, expression: bool = False) -> Place:
    """The first use of a name in the Jinja code of `text`, which is all of it for an `expression`.

    A use as a variable goes before one as an attribute or within quotes (`row['name']`), and the beginning of the
    text stands for what is not found.
    """
    code = [(0, len(text.source))] if expression else [match.span() for match in _CODE.finditer(text.source)]
    uses = [match for match in _words(text.source, name) if _inside(match.start(), code)]
    quoted = [match.span() for match in _QUOTED.finditer(text.source)]
    for match in sorted(uses, key=lambda match: _is_member(text.source, match.start(), quoted)):
        return text.at(match.start(), len(name))
    return text.at(0, len(text.source))


def _words(source: str, word: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", source)


def _inside(offset: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= offset < end for start, end in spans)


def _is_member(source: str, offset: int, quoted: list[tuple[int, int]]) -> bool:
    return source[:offset].rstrip()[-1:] in (".", "|") or _inside(offset, quoted)
