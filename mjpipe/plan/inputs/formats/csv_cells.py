"""Where the cells of a CSV row stand in its lines."""

from collections.abc import Sequence


def span_of_cell(text: str, cells: Sequence[str], index: int) -> tuple[int, int]:
    """Where a cell of a row starts and ends in `text`, the row's lines, quotes included.

    `cells` are the row's cells as `csv` reads them: their lengths say where each begins, so that an inch mark in a
    cell without quotes is what the reader takes it for. An `index` beyond the last cell is the end of the row.
    """
    start = 0
    for number, cell in enumerate(cells):
        is_quoted = text[start : start + 1] == '"'
        end = start + len(cell) + (cell.count('"') + 2 if is_quoted else 0)
        if number == index:
            return start, end
        start = end + 1
    return len(text), len(text)
