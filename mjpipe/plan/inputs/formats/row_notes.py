"""What a reader says of a row beside its cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RowNotes:
    """`values` are the lists and mappings in cells, by column. `former` are the cells, by column, that older releases
    read in another form. `has_invisible` says that a cell has signs that nobody sees, or may have. `has_cells` is the
    number of cells of a row that has fewer than the header, None for any other row.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)
    has_invisible: bool = False
    has_cells: int | None = None
