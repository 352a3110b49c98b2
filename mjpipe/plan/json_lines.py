"""JSON Lines files: one object a line, its values as the text that they were written with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from mjpipe.domain import Place, reason_of
from mjpipe.plan.encodings import tell_undecodable, with_mark
from mjpipe.plan.findings import Findings


class JsonLinesFile:
    """A JSON Lines file. Its columns are all names that any line has; what a line lacks, or has as null, is empty.

    Numbers keep their source text, true and false are those words, lists and objects are JSON text.
    """

    def __init__(self, path: Path, *, shown: str, at: Place, findings: Findings, encoding: str | None = None) -> None:
        self._path = path
        self._shown = shown
        self._at = at
        self._findings = findings
        self._encoding = with_mark(encoding)
        errors = findings.errors
        names: dict[str, None] = {}
        for _, cells in self._objects():
            names.update(dict.fromkeys(cells))
        self.columns = tuple(names)
        self.ambiguous: frozenset[str] = frozenset()
        self.complete = findings.errors == errors
        if not names and findings.errors == errors:
            findings.error(at, "MJ050", f"`{shown}` is empty", help="its lines are objects that name the columns")

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row's line, from 1, and its cells, one for each column."""
        for line, cells in self._objects():
            yield line, [cells.get(column, "") for column in self.columns]

    def place(self, line: int, column: str | None) -> Place:
        """Where a row's value stands; for None, the row."""
        with self._path.open(encoding=self._encoding, errors="replace") as file:
            text = next((text for number, text in enumerate(file, 1) if number == line), "").rstrip("\n")
        if column is None:
            return Place(file=self._shown, line=line, width=max(1, len(text)), text=text)
        name = json.dumps(column, ensure_ascii=False)
        at = text.find(name)
        if at < 0:
            return Place(file=self._shown, line=line, text=text)
        return Place(file=self._shown, line=line, column=at + 1, width=len(name), text=text)

    def told(self, line: int) -> str:
        return f"{self._shown}:{line}"

    def header(self, column: str) -> Place:
        """Where a column is named first."""
        line = next((line for line, cells in self._objects() if column in cells), 1)
        return self.place(line, column)

    def _objects(self) -> Iterator[tuple[int, dict[str, str]]]:
        try:
            with self._path.open(encoding=self._encoding) as file:
                for line, text in enumerate(file, 1):
                    cells = self._cells(line, text.rstrip()) if text.strip() else None
                    if cells is not None:
                        yield line, cells
        except OSError as fault:
            missing = isinstance(fault, FileNotFoundError)
            self._findings.error(
                self._at,
                "MJ050",
                f"`{self._shown}` does not exist" if missing else f"`{self._shown}` cannot be read: {reason_of(fault)}",
                help="paths are relative to the folder of the manifest" if missing else None,
            )
        except UnicodeError:
            tell_undecodable(self._path, self._encoding, shown=self._shown, findings=self._findings)
        except ValueError:
            self._findings.error(self._at, "MJ050", f"`{self._shown}` is no name of a file")

    def _cells(self, line: int, text: str) -> dict[str, str] | None:
        try:
            document = json.loads(text, parse_int=_Integer, parse_float=_Float, object_pairs_hook=_unrepeated)
            json.dumps(document, ensure_ascii=False).encode()
        except json.JSONDecodeError as fault:
            self._malformed(line, text, fault.colno, f"the line is not JSON: {fault.msg.lower()}")
        except UnicodeEncodeError:
            self._malformed(line, text, 1, "the line has half of a character: a lone surrogate")
        except RecursionError:
            self._malformed(line, text, 1, "the line is nested too deeply")
        except _Unusable as fault:
            self._malformed(line, text, 1, str(fault))
        except ValueError:
            self._malformed(line, text, 1, "the line has a number that is too long")
        else:
            if isinstance(document, dict):
                return {name: _text(value) for name, value in document.items()}
            self._malformed(line, text, 1, "the line is not an object")
        return None

    def _malformed(self, line: int, text: str, column: int, message: str) -> None:
        self._findings.error(
            Place(file=self._shown, line=line, column=column, text=text),
            "MJ055",
            message,
            help='each line is one object: {"sku": "T-01", "name": "Teapot"}',
            group=self._shown,
        )


class _Unusable(Exception):
    """JSON that cannot be a row."""


class _Integer(int):
    """An integer that knows how it was written."""

    def __new__(cls, written: str) -> Self:
        number = super().__new__(cls, written)
        number.written = written
        return number

    written: str


class _Float(float):
    """A fraction that knows how it was written."""

    def __new__(cls, written: str) -> Self:
        number = super().__new__(cls, written)
        number.written = written
        return number

    written: str


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = {name.strip(): value for name, value in pairs}
    if len(document) < len(pairs):
        raise _Unusable("a name stands in the line twice")
    if "" in document:
        raise _Unusable("a name in the line is empty")
    return document


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _Integer() | _Float():
            return value.written
        case _:
            return json.dumps(value, ensure_ascii=False)
