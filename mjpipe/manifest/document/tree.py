"""The tree of a YAML document: scalars, sequences and maps that know their place."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeAlias

from mjpipe.domain import Place
from mjpipe.manifest.document.text import Text

KeyPath: TypeAlias = tuple[str | int, ...]
"""The keys and list indexes that lead from the top of a document to a value."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """`value` is what YAML 1.2 makes of it, `text` what is written."""

    value: str | int | float | bool | None
    text: Text

    @property
    def place(self) -> Place:
        return self.text.place


@dataclass(frozen=True, slots=True)
class Seq:
    items: "tuple[Value, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a map; `place` is that of the key."""

    key: str
    place: Place
    value: "Value"

    @property
    def shown_at(self) -> Place:
        """Where to show a mistake in the value: at a scalar itself, at the key of anything else."""
        written = isinstance(self.value, Scalar) and self.value.value is not None
        return self.value.place if written else self.place


@dataclass(frozen=True, slots=True)
class Map:
    """The accessors return None, or something empty, for a missing key and for a value of another type."""

    entries: dict[str, Entry]
    place: Place

    def get(self, key: str) -> "Value | None":
        entry = self.entries.get(key)
        return entry.value if entry else None

    def scalar(self, key: str) -> Scalar | None:
        value = self.get(key)
        return value if isinstance(value, Scalar) else None

    def text(self, key: str) -> Text | None:
        scalar = self.scalar(key)
        return scalar.text if scalar else None

    def written(self, key: str) -> str | None:
        """A scalar's text as it is written: `8.1`, `0x10`, `true`."""
        text = self.text(key)
        return text.source if text else None

    def integer(self, key: str) -> int | None:
        number = self.number(key)
        return int(number) if number is not None else None

    def number(self, key: str) -> float | None:
        scalar = self.scalar(key)
        number = scalar.value if scalar else None
        return number if isinstance(number, int | float) else None

    def map(self, key: str) -> "Map":
        value = self.get(key)
        return value if isinstance(value, Map) else Map({}, self.place)

    def names(self, key: str) -> tuple[Text, ...]:
        """The texts of a list, or of a single text that stands for a list of one."""
        value = self.get(key)
        return names_in(value) if value else ()


Value: TypeAlias = Scalar | Seq | Map


def names_in(value: Value) -> tuple[Text, ...]:
    """The texts of a list, or the single text that stands for a list of one."""
    if isinstance(value, Scalar):
        return (value.text,)
    items = value.items if isinstance(value, Seq) else ()
    return tuple(item.text for item in items if isinstance(item, Scalar))


def plain(value: Value) -> Any:
    """The value without its places, as a JSON Schema sees it."""
    if isinstance(value, Scalar):
        return value.value
    if isinstance(value, Seq):
        return [plain(item) for item in value.items]
    return {key: plain(entry.value) for key, entry in value.entries.items()}


def without(value: Map, faulty: AbstractSet[KeyPath], path: KeyPath = ()) -> Map:
    """The map without the values at the `faulty` paths."""
    if not faulty:
        return value
    kept = {key: entry for key, entry in value.entries.items() if (*path, key) not in faulty}
    entries = {key: Entry(key, entry.place, _less(entry.value, faulty, (*path, key))) for key, entry in kept.items()}
    return Map(entries, value.place)


def _less(value: Value, faulty: AbstractSet[KeyPath], path: KeyPath) -> Value:
    if isinstance(value, Map):
        return without(value, faulty, path)
    if isinstance(value, Seq):
        kept = [((*path, index), item) for index, item in enumerate(value.items) if (*path, index) not in faulty]
        return Seq(tuple(_less(item, faulty, at) for at, item in kept), value.place)
    return value


def every_entry(value: Value, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Entry]]:
    """Each key of each map in the value, with the path of its own value."""
    if isinstance(value, Map):
        for key, entry in value.entries.items():
            yield (*path, key), entry
            yield from every_entry(entry.value, (*path, key))
    elif isinstance(value, Seq):
        for index, item in enumerate(value.items):
            yield from every_entry(item, (*path, index))


def every_scalar(value: Value, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Scalar]]:
    """Each scalar in the value, with its path."""
    match value:
        case Scalar():
            yield path, value
        case Map(entries=entries):
            for key, entry in entries.items():
                yield from every_scalar(entry.value, (*path, key))
        case Seq(items=items):
            for index, item in enumerate(items):
                yield from every_scalar(item, (*path, index))


def value_at(root: Value, path: KeyPath) -> Value | None:
    """The value at a path; None when there is none."""
    value: Value | None = root
    for step in path:
        if isinstance(value, Map) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, Seq) and isinstance(step, int):
            value = value.items[step]
        else:
            return None
    return value


def shown_at(root: Value, path: KeyPath) -> Place:
    """Where to show a mistake in the value at `path`."""
    value, place = root, root.place
    for step in path:
        if isinstance(value, Map) and isinstance(step, str):
            entry = value.entries[step]
            value, place = entry.value, entry.shown_at
        elif isinstance(value, Seq) and isinstance(step, int):
            value = value.items[step]
            place = value.place
    return place
