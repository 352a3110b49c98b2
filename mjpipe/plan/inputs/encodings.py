"""The encoding of a file, and the first place that it cannot decode."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, lookup
from functools import partial
from pathlib import Path

from mjpipe.domain import Place
from mjpipe.files import open_regular
from mjpipe.plan.inputs.input_lines import LONGEST_LINE
from mjpipe.plan.mistakes import Mistakes


def with_mark(encoding: str | None) -> str:
    """The encoding to read a file in, UTF-8 for None; UTF-8 may begin with a byte order mark."""
    return "utf-8-sig" if encoding is None or lookup(encoding).name == "utf-8" else encoding


def report_undecodable(path: Path, encoding: str, *, shown: str, mistakes: Mistakes) -> None:
    """Reports the first place of a file that `encoding` cannot decode."""
    with open_regular(path) as file:
        begins_as_utf16 = file.read(2) in (BOM_UTF16_BE, BOM_UTF16_LE)
    help_text = "save it as UTF-8, or set its encoding, such as `encoding: windows-1252`"
    mistakes.error(
        _first_fault(path, encoding, shown),
        "MJ051",
        f"`{shown}` is not {encoding.removesuffix('-sig').upper()} from here on",
        help="it looks like UTF-16: set `encoding: utf-16`, or save it as UTF-8" if begins_as_utf16 else help_text,
    )


def _first_fault(path: Path, encoding: str, shown: str) -> Place:
    with open_regular(path) as file:
        for number, raw in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), 1):
            try:
                raw.decode(encoding)
            except UnicodeError as fault:
                column = len(raw[: fault.start].decode(encoding)) if isinstance(fault, UnicodeDecodeError) else 0
                text = raw.decode(encoding, "replace").rstrip("\r\n")
                return Place(file=shown, line=number, column=column + 1, text=text)
    return Place(file=shown, line=1)
