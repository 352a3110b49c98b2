"""Reading a folder of receipts."""

import gc
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from mjpipe.domain import StateFault
from mjpipe.files import CONFLICT_MARKERS, open_regular, state_faults
from mjpipe.ledger.receipts.folding import Fold
from mjpipe.ledger.receipts.parsing import LONGEST_LINE, NewerFormat, Where, parse
from mjpipe.ledger.receipts.receipt import Receipts
from mjpipe.ledger.receipts.seen import receipt_paths

_BLOCK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_ATTEMPT = re.compile(rb'"attempt":"([0-9a-f]{8,64})"').search
"""Finds the attempt of a line of ours. Inside a text its quotation marks would have backslashes before them."""


def read_receipts(
    folder: Path,
    known: Collection[str] = frozenset(),
    *,
    host: str | None = None,
    campaigns: Collection[str] | None = None,
) -> Receipts:
    """All that is in the folder, nothing when there is none. Raises StateFault for damage, which it names.

    Lines of attempts whose uid is `known` are left out, but for those that set them aside: `Tasks.settled` says which
    may be. Names of nodes and picks are those of the `host` and the `campaigns`, None for all: manifests may share a
    folder.

    CR, BOM, empty lines, git's conflict markers, repeated lines and a torn last line mean nothing.
    """

    def is_ours(where: Where) -> bool:
        return (host is None or where.host in (None, host)) and (
            campaigns is None or where.campaign is None or where.campaign in campaigns
        )

    fold = Fold(is_ours)
    with _no_search_for_garbage():
        for path in receipt_paths(folder):
            with state_faults(path):
                for number, line in enumerate(_lines(path), start=1):
                    if not _is_left_out(line, known):
                        _take(fold, path, number, line)
        return Receipts(attempts=tuple(fold.attempts()), first_names=fold.first_names(), picked=fold.picked())


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Reading makes millions of objects, none of them circular: searching them takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _lines(path: Path) -> Iterator[bytes]:
    """The lines, the last one perhaps without its end; one that is too long is cut and ends the file."""
    rest = b""
    with open_regular(path) as file:
        while block := file.read(_BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                yield line + b"\n"
            if len(rest) > LONGEST_LINE:
                yield rest[:LONGEST_LINE] + b"\n"
                return
    if rest:
        yield rest


def _is_left_out(line: bytes, known: Collection[str]) -> bool:
    if not known or not line.startswith(b'{"mjpipe":1,') or not line.endswith(b"}\n"):
        return False
    found = _ATTEMPT(line)
    return found is not None and found[1].decode() in known and b'"event":"set_aside"' not in line


def _take(fold: Fold, path: Path, number: int, line: bytes) -> None:
    text = line.strip(b" \t\r\n").removeprefix(_BOM)
    if not text or text.startswith(CONFLICT_MARKERS):
        return
    try:
        parsed = parse(text)
    except NewerFormat as fault:
        raise StateFault(
            f"`{path}:{number}` was written by a newer mjpipe: {fault}",
            help="update mjpipe (`mjpipe --version` says which one this is), then type the command again",
        ) from None
    except ValueError as fault:
        if not line.endswith(b"\n"):  # torn: nothing counts on it yet
            return
        raise StateFault(
            f"`{path}:{number}` cannot be read: {fault}. Receipts say what was paid for",
            help=f"`git log -p -- {path}` shows what the line was: put it back, then type the command again",
        ) from None
    fold.take(parsed)
