"""The words in a manifest's templates: a column that is none of them is used nowhere."""

import re
from collections.abc import Iterable, Iterator

from mjpipe.files import read_regular
from mjpipe.manifest import Manifest, MatrixInput, Param, Text
from mjpipe.plan.safe_names import identifier

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_WORD = re.compile(r"\w+")
_INCLUDED = re.compile(r"\{%-?\s*include\b\s*(?:'([^']*)'|\"([^\"]*)\")?")

_LARGEST = 100 << 10
"""Bytes of an included file, as a plan reads it."""


class ColumnsInUse:
    """Says of a column whether it names a row, or a template may use it. None of the templates is rendered: a word
    within the Jinja of one counts. Where a row decides which file is included, every column counts.
    """

    def __init__(self, manifest: Manifest, others: Iterable[str] = ()) -> None:
        self._words: set[str] = {*others}
        self._all = False
        for source in manifest.inputs.values():
            self._words.update(source.columns if isinstance(source, MatrixInput) else source.key)
            if source.where:
                self._add(source.where.source)
        for node in manifest.nodes.values():
            if node.where:
                self._add(node.where.source)
            for text in (*_texts(node.params.values()), *node.labels.values()):
                self._add_template(text.source, manifest)
        if manifest.outputs.path:
            self._add_template(manifest.outputs.path.source, manifest)

    def __contains__(self, column: object) -> bool:
        return self._all or (isinstance(column, str) and (column in self._words or identifier(column) in self._words))

    def __repr__(self) -> str:
        """The same for columns of which the same is said."""
        return "all" if self._all else repr(sorted(self._words))

    def _add_template(self, text: str, manifest: Manifest, depth: int = 0) -> None:
        for piece in _JINJA.findall(text):
            self._add(piece)
        for single, double in _INCLUDED.findall(text):
            self._add_file(single or double, manifest, depth)

    def _add_file(self, name: str, manifest: Manifest, depth: int) -> None:
        if not name or depth > _DEEPEST:
            self._all = True
            return
        try:
            content = read_regular(manifest.path.parent / name, _LARGEST)
        except (OSError, ValueError):
            self._all = True
            return
        self._add_template(content.decode("utf-8", "replace"), manifest, depth + 1)

    def _add(self, expression: str) -> None:
        self._words.update(_WORD.findall(expression))
        self._words.update(single or double for single, double in _QUOTED.findall(expression))


_DEEPEST = 30
"""Files that include each other, as a plan bounds them."""


def _texts(params: Iterable[Param]) -> Iterator[Text]:
    for param in params:
        match param:
            case Text():
                yield param
            case list():
                yield from _texts(param)
            case dict():
                yield from _texts(param.values())
