"""The options that choose a part of a plan, as they were typed: for commands, and for saved plans."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAsTyped:
    """`select` and `exclude` are selections; a `sample` is of so many rows of the input `of` (None: the first)."""

    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    sample: int | None = None
    of: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was typed: the whole plan."""
        return not self.document()

    @property
    def options(self) -> str:
        """The options for a shell; empty for the whole plan."""
        return shlex.join(self._words())

    def _words(self) -> Iterator[str]:
        if self.sample is not None:
            yield from ("--sample", str(self.sample))
        if self.of is not None:
            yield from ("--of", self.of)
        for name, texts in (("--select", self.select), ("--exclude", self.exclude)):
            for text in texts:
                yield from (name, text)

    def document(self) -> dict[str, Any]:
        """As saved plans have it, the same for the same part; empty for the whole plan."""
        every = {
            "select": sorted({*self.select}),
            "exclude": sorted({*self.exclude}),
            "sample": self.sample,
            "of": self.of,
        }
        return {name: value for name, value in every.items() if value}

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "PartAsTyped":
        return cls(
            select=tuple(document.get("select", ())),
            exclude=tuple(document.get("exclude", ())),
            sample=document.get("sample"),
            of=document.get("of"),
        )


WHOLE_PLAN = PartAsTyped()
