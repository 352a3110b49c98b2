"""Rows that are probably none: sums below a table, a second header, and rows that lack what the others have."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

_SUM = re.compile(
    r"(?:(?:grand|sub)[ -]?)?totals?|sum|summe|gesamt(?:summe)?|zwischensumme|somme|total général|totale|suma|razem|"
    r"итого|合計|合计|小計|총계",
    re.IGNORECASE,
)

_NAME_OF_A_COLUMN = re.compile(r"[a-z]+[0-9]{0,2}(?:_[a-z]+[0-9]{0,2})*")
_NAMES_OF_A_HEADER = 3


def is_sum(cells: Iterable[str]) -> bool:
    """Whether a row, which has empty cells, begins as the last row of a spreadsheet does: `Total,,21`."""
    first = ""
    for cell in cells:
        if first := cell.strip():
            break
    return _SUM.fullmatch(first.rstrip(": ")) is not None


def lacks_all(cells: Mapping[str, str], used: Collection[str]) -> bool:
    """Whether all of the `used` columns are empty; False without any."""
    for column in used:
        if cells[column].strip():
            return False
    return bool(used)


def is_header_of_programs(cells: Sequence[str]) -> bool:
    """Whether a row has names of columns in place of values, as below the header that people read in Amazon's files:
    `item_sku`, `item_name`, `brand_name`.
    """
    names = [cell.strip() for cell in cells if cell.strip()]
    joined = [name for name in names if "_" in name]
    return (
        len(joined) >= _NAMES_OF_A_HEADER
        and 2 * len(joined) > len(names)
        and len({*names}) == len(names)
        and all(map(_NAME_OF_A_COLUMN.fullmatch, names))
    )
