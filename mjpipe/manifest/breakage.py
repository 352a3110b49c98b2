"""The mistakes found while a manifest is read, and which of its parts they leave broken."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from mjpipe.domain import Diagnostic
from mjpipe.manifest.tree import Map, Path

Flaw: TypeAlias = tuple[str, Diagnostic]
"""A mistake with the part of an input or a node that it breaks: `where`, `params.speed`, `from.hero`."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """`broken` are the paths of what has errors: `("nodes", "hero", "params", "speed")`."""

    diagnostics: list[Diagnostic]
    broken: set[Path]

    def add(self, path: Path, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.diagnostics.append(diagnostic)
            if diagnostic.is_error:
                self.broken.add(path)

    def add_flaws(self, path: Path, flaws: Iterable[Flaw]) -> None:
        """Those of the input or node at `path`."""
        for part, diagnostic in flaws:
            self.add((*path, *part.split(".")), [diagnostic])

    def names(self, document: Map, section: str) -> list[str]:
        """What a section of the document has, or may have been meant to have, right or wrong."""
        meant = [str(path[1]) for path in sorted(self.broken, key=str) if path[0] == section and len(path) > 1]
        return list(dict.fromkeys([*document.map(section).entries, *meant]))

    def parts(self, *path: str) -> frozenset[str]:
        """The broken parts of what stands at `path`, two steps deep; an empty one stands for all of it."""
        return frozenset(
            ".".join(map(str, broken[len(path) : len(path) + 2]))
            for broken in self.broken
            if broken[: len(path)] == path
        )
