"""The mistakes found while a manifest is read, and which of its parts they leave broken."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from mjpipe.domain import Diagnostic
from mjpipe.manifest.document.tree import KeyPath, Map

PartMistake: TypeAlias = tuple[str, Diagnostic]
"""A mistake, after the part of an input or a node that it breaks: `where`, `params.speed`, `from.hero`."""


class BrokenParts:
    """Collects `diagnostics`, and the paths that have errors: `("nodes", "hero", "params", "speed")`."""

    def __init__(self, diagnostics: list[Diagnostic], broken: Iterable[KeyPath]) -> None:
        self.diagnostics = diagnostics
        self._below: dict[KeyPath, set[KeyPath]] = defaultdict(set)
        """The broken paths below each path."""
        for path in broken:
            self._break(path)

    def _break(self, path: KeyPath) -> None:
        for depth in range(len(path) + 1):
            self._below[path[:depth]].add(path)

    def add(self, path: KeyPath, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.diagnostics.append(diagnostic)
            if diagnostic.is_error:
                self._break(path)

    def add_to_parts(self, path: KeyPath, mistakes: Iterable[PartMistake]) -> None:
        """Adds the mistakes of the input or node at `path`."""
        for part, diagnostic in mistakes:
            self.add((*path, *part.split(".")), [diagnostic])

    def names(self, document: Map, section: str) -> list[str]:
        """The names in a section of the document, right or wrong, and those that misplaced values may belong to."""
        likely = [str(path[1]) for path in sorted(self._below.get((section,), ()), key=str) if len(path) > 1]
        return list(dict.fromkeys([*document.map(section).entries, *likely]))

    def parts(self, *path: str) -> frozenset[str]:
        """The broken parts of the value at `path`, at most two keys deep; an empty one means the whole value."""
        return frozenset(".".join(map(str, broken[len(path) : len(path) + 2])) for broken in self._below.get(path, ()))
