"""The mistakes found while a manifest is read, and which of its parts they leave broken."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from mjpipe.domain import Diagnostic
from mjpipe.manifest.document.tree import KeyPath, Map

PartMistake: TypeAlias = tuple[str, Diagnostic]
"""A mistake with the part of an input or a node that it breaks: `where`, `params.speed`, `from.hero`."""


class BrokenParts:
    """`broken` are the paths of what has errors: `("nodes", "hero", "params", "speed")`."""

    def __init__(self, diagnostics: list[Diagnostic], broken: Iterable[KeyPath]) -> None:
        self.diagnostics = diagnostics
        self._below: dict[KeyPath, set[KeyPath]] = defaultdict(set)
        """Broken paths by those that lead to them: each part is asked about, and each may be broken."""
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

    def add_to_parts(self, path: KeyPath, flaws: Iterable[PartMistake]) -> None:
        """Those of the input or node at `path`."""
        for part, diagnostic in flaws:
            self.add((*path, *part.split(".")), [diagnostic])

    def names(self, document: Map, section: str) -> list[str]:
        """What a section of the document has, or may have been meant to have, right or wrong."""
        meant = [str(path[1]) for path in sorted(self._below.get((section,), ()), key=str) if len(path) > 1]
        return list(dict.fromkeys([*document.map(section).entries, *meant]))

    def parts(self, *path: str) -> frozenset[str]:
        """The broken parts of what stands at `path`, two steps deep; an empty one stands for all of it."""
        return frozenset(".".join(map(str, broken[len(path) : len(path) + 2])) for broken in self._below.get(path, ()))
