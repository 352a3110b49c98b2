"""A text of a manifest, and where each part of it is written."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from operator import itemgetter

from mjpipe.domain import Place


@dataclass(frozen=True, slots=True)
class Text:
    """A text, often a Jinja template, and its places in the file.

    `source` is the text as YAML means it (folded, unescaped). `lines` gives the place of each line of `source`.
    `folds` gives, by offset in `source`, the places where a line of it continues: on the next line of a folded
    scalar, or after an escape in a quoted one.
    """

    source: str
    lines: tuple[Place, ...]
    folds: tuple[tuple[int, Place], ...] = ()

    @property
    def place(self) -> Place:
        return self.lines[0]

    def at(self, offset: int, width: int = 1) -> Place:
        """Where the `width` characters of `source` from `offset` on are written, cut at the end of that line."""
        line = self.source.count("\n", 0, offset)
        begin, place = self.source.rfind("\n", 0, offset) + 1, self.lines[min(line, len(self.lines) - 1)]
        fold = bisect_right(self.folds, offset, key=itemgetter(0)) - 1
        if fold >= 0 and self.folds[fold][0] >= begin:
            begin, place = self.folds[fold]
        column = place.column + offset - begin
        return replace(place, column=column, width=max(1, min(width, len(place.text) - column + 1)))
