"""Rows that are probably none: sums below a table, and rows that lack what the others have."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

_SUM = re.compile(
    r"(?:(?:grand|sub)[ -]?)?totals?|sum|summe|gesamt(?:summe)?|zwischensumme|somme|total général|totale|suma|razem|"
    r"итого|合計|合计|小計|총계",
    re.IGNORECASE,
)


def is_sum(cells: Sequence[str]) -> bool:
    """Whether a row, which has empty cells, begins as the last row of a spreadsheet does: `Total,,21`."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return _SUM.fullmatch(first.rstrip(": ")) is not None


def lacks_all(cells: Mapping[str, str], used: AbstractSet[str]) -> bool:
    """Whether all of the `used` columns are empty."""
    return bool(used) and not any(cells[column].strip() for column in used)
