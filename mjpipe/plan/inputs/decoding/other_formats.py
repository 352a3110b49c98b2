"""Files that are no text, or another kind of text than rows, by how they begin."""

import re
import zipfile
from pathlib import Path

from mjpipe.files import open_regular

BEGINNING = 4_096
"""Bytes that show what a file is."""

_SPREADSHEET = "open it, and save the sheet as CSV UTF-8"

_BY_BEGINNING = (
    (b"%PDF-", "a PDF document", "copy its table into a spreadsheet, and save that as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook", _SPREADSHEET),
    (b"\x1f\x8b", "compressed with gzip", "unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"BZh", "compressed with bzip2", "unpack it first"),
    (b"\xfd7zXZ", "compressed with xz", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it first"),
    (b"{\\rtf", "an RTF document", "save it as plain text"),
    (b"PAR1", "a Parquet file", "write it as CSV or JSON Lines"),
    (b"SQLite format 3", "an SQLite database", "write the table as CSV or JSON Lines"),
    (b"\x89PNG", "an image", "name the file with the rows"),
    (b"\xff\xd8\xff", "an image", "name the file with the rows"),
)

_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<table")

_JSON = re.compile(rb'\[\s*\{\s*"|\{\s*"[^"]*"\s*:')

_BY_MEMBER = (
    ("xl/", "an Excel workbook", _SPREADSHEET),
    ("Index/", "a Numbers document", "open it in Numbers, and export it as CSV with UTF-8"),
    ("word/", "a Word document", "copy its table into a spreadsheet, and save that as CSV UTF-8"),
    ("content.xml", "a spreadsheet of LibreOffice (.ods)", _SPREADSHEET),
)


def other_format(path: Path, *, is_csv: bool) -> tuple[str, str] | None:
    """What a file is that cannot be read as rows of text, and what to do; None for any other. Raises OSError."""
    with open_regular(path) as file:
        beginning = file.read(BEGINNING)
    if beginning.startswith(b"PK\x03\x04"):
        return _packed(path)
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_WEB_PAGE):
        what = "XML" if text.startswith(b"<?xml") and b"<html" not in text else "a web page"
        return what, "the address may want a login: download the file itself, as CSV" if what == "a web page" else (
            "export the table as CSV instead"
        )
    if is_csv and _JSON.match(text):
        return "JSON", "say `jsonl:` instead of `csv:`; it takes an array of objects, or an object on each line"
    return next(((what, help_) for mark, what, help_ in _BY_BEGINNING if beginning.startswith(mark)), None)


def _packed(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        names = []
    known = ((what, help_) for member, what, help_ in _BY_MEMBER if any(name.startswith(member) for name in names))
    return next(known, ("a ZIP archive", "unpack it first"))
