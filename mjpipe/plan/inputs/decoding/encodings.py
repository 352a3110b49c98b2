"""The encoding of a file, and the first place that it cannot decode."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, lookup
from functools import partial
from pathlib import Path

from mjpipe.domain import Place
from mjpipe.files import open_regular
from mjpipe.plan.inputs.decoding.input_lines import LONGEST_LINE
from mjpipe.plan.mistakes import Mistakes

_SAMPLE = 256 << 10
"""Bytes, from the first that cannot be decoded on, that show the code page of a file."""

_SHOWN = 30
"""Characters of a cell in the help."""


def encoding_of(path: Path, given: str | None) -> str:
    """The encoding to read a file in: the `given` one, else what its byte order mark says, else UTF-8, which may begin
    with a mark too. Raises OSError and ValueError.
    """
    if given is not None:
        return "utf-8-sig" if lookup(given).name == "utf-8" else given
    with open_regular(path) as file:
        beginning = file.read(4)
    if beginning in (BOM_UTF32_LE, BOM_UTF32_BE):
        return "utf-32"
    return "utf-16" if beginning[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig"


def report_undecodable(path: Path, encoding: str, *, shown: str, mistakes: Mistakes) -> None:
    """Reports the first place of a file that `encoding` cannot decode."""
    place, content = _first_fault(path, encoding, shown)
    mistakes.error(
        place,
        "MJ051",
        f"`{shown}` is not {encoding.removesuffix('-sig').upper()} from here on",
        help=_help(content),
    )


def _help(content: bytes) -> str:
    from mjpipe.plan.inputs.decoding.code_pages import guessed_code_pages  # noqa: PLC0415 - few files are not UTF-8

    if content[:2] in (BOM_UTF16_BE, BOM_UTF16_LE):
        return "it looks like UTF-16: leave `encoding` out, or save it as UTF-8"
    guesses = guessed_code_pages(content)
    if not guesses:
        return "save it as UTF-8, or set its encoding, such as `encoding: cp1252`"
    readings = [f"with `encoding: {guess.encoding}` it reads `{_cut(guess.reads)}`" for guess in guesses]
    return f"save it as UTF-8, or set its encoding: {', '.join(readings)}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _first_fault(path: Path, encoding: str, shown: str) -> tuple[Place, bytes]:
    """The place, and the bytes of the file from its line on."""
    with open_regular(path) as file:
        for number, raw in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), 1):
            try:
                raw.decode(encoding)
            except UnicodeError as fault:
                column = len(raw[: fault.start].decode(encoding)) if isinstance(fault, UnicodeDecodeError) else 0
                text = raw.decode(encoding, "replace").rstrip("\r\n")
                return Place(file=shown, line=number, column=column + 1, text=text), raw + file.read(_SAMPLE)
    return Place(file=shown, line=1), b""
