"""Which columns a manifest's templates may use, by the words in them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mjpipe.files import read_regular
from mjpipe.manifest import Manifest, MatrixInput, Param, Text
from mjpipe.plan.safe_names import identifier

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_WORD = re.compile(r"\w+")
_INCLUDED = re.compile(r"\{%-?\s*include\b\s*(?:'([^']*)'|\"([^\"]*)\")?")

_LARGEST = 100 << 10
"""Bytes of an included file, as a plan reads it."""

_DEEPEST = 30
"""Files that include each other, as a plan bounds them."""


@dataclass(frozen=True, slots=True)
class ColumnsInUse:
    """The `words` of a manifest's templates, and the columns that name its rows; None when any column may be used."""

    words: frozenset[str] | None

    def __contains__(self, column: object) -> bool:
        words = self.words
        return words is None or (isinstance(column, str) and (column in words or identifier(column) in words))

    @property
    def stamp(self) -> str:
        """The same text for the same columns, whenever it is made."""
        return "all" if self.words is None else repr(sorted(self.words))


def read_columns_in_use(manifest: Manifest) -> ColumnsInUse:
    """Reads the files that templates include, and renders none of them: a word within the Jinja of one counts. Where a
    row decides which file is included, or one cannot be read, every column counts.
    """
    words = _Words(manifest.path.parent)
    for source in manifest.inputs.values():
        words.add(source.columns if isinstance(source, MatrixInput) else source.key)
        if source.where:
            words.add_code(source.where.source)
    for node in manifest.nodes.values():
        if node.where:
            words.add_code(node.where.source)
        for text in (*_texts(node.params.values()), *node.labels.values()):
            words.add_template(text.source)
    if manifest.outputs.path:
        words.add_template(manifest.outputs.path.source)
    return ColumnsInUse(frozenset(words.found) if words.complete else None)


class _Words:
    """Gathers words. They are `complete` unless a file could not be read."""

    def __init__(self, folder: Path) -> None:
        self.found: set[str] = set()
        self.complete = True
        self._folder = folder

    def add(self, words: Iterable[str]) -> None:
        self.found.update(words)

    def add_code(self, code: str) -> None:
        self.add(_WORD.findall(code))
        self.add(single or double for single, double in _QUOTED.findall(code))

    def add_template(self, text: str, depth: int = 0) -> None:
        for code in _JINJA.findall(text):
            self.add_code(code)
        for single, double in _INCLUDED.findall(text):
            self._add_file(single or double, depth)

    def _add_file(self, name: str, depth: int) -> None:
        try:
            content = read_regular(self._folder / name, _LARGEST) if name and depth <= _DEEPEST else None
        except (OSError, ValueError):
            content = None
        if content is None:
            self.complete = False
        else:
            self.add_template(content.decode("utf-8", "replace"), depth + 1)


def _texts(params: Iterable[Param]) -> Iterator[Text]:
    for param in params:
        match param:
            case Text():
                yield param
            case list():
                yield from _texts(param)
            case dict():
                yield from _texts(param.values())
