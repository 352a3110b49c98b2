"""Where the cells of a CSV row stand in its text."""

from collections.abc import Iterator


def cell_spans(text: str, delimiter: str) -> Iterator[tuple[int, int]]:
    """Begin and end of each cell in the text of a row, quotes included, without the line end. As `csv` has it, a quote
    opens only at the begin of a cell.
    """
    end_of_row = len(text.rstrip("\r\n"))
    begin = 0
    while True:
        end = begin
        if text.startswith('"', begin):
            end += 1
            while (quote := text.find('"', end)) >= 0 and text.startswith('"', quote + 1):
                end = quote + 2
            end = end_of_row if quote < 0 else quote + 1
        delimited = text.find(delimiter, end, end_of_row)
        end = end_of_row if delimited < 0 else delimited
        yield begin, end
        if delimited < 0:
            return
        begin = delimited + 1


def span_of_cell(text: str, delimiter: str, index: int) -> tuple[int, int]:
    """Begin and end of one cell. An `index` beyond the last cell is the end of the row."""
    found = [*cell_spans(text, delimiter)]
    return found[index] if index < len(found) else (len(text), len(text))
