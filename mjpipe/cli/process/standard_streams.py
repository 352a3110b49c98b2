"""Make the standard streams safe: always open, able to write any text, and harmless when nobody reads them."""

import codecs
import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mjpipe.domain import StateFault, json_escapes, reason_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ESCAPED = "mjpipe.escaped"
"""The name of the error handler `_escaped`."""

GONE = (errno.EPIPE, errno.EIO)
"""Errors of writing when nobody reads a pipe any more, or the terminal is closed."""


class Unread(Exception):
    """Nobody reads the output any more (`| head`). Not an OSError: click would end the program for one itself."""


def prepare_streams() -> None:
    """Call it once, before anything is read or printed.

    A closed stream becomes the null device; otherwise the next file to be opened, perhaps the ledger, would take its
    number. Characters that an encoding lacks are escaped. Standard output that cannot be written raises Unread or
    StateFault. Standard error is dropped then, because a run must not end for it.
    """
    for number in range(3):
        _fill(number)
    codecs.register_error(ESCAPED, _escaped)
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - it stays open
    for name, kind in (("stdout", _Output), ("stderr", _Talk)):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - as above
        if stream is getattr(sys, f"__{name}__"):
            stream = _over(kind(stream.fileno(), "w", closefd=False), stream)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPED)
        setattr(sys, name, stream)


def _fill(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


def _escaped(fault: UnicodeError) -> tuple[str, int]:
    r"""In the escapes of JSON, so that a document stays one; `backslashreplace` would write `\x..` and `\U...`."""
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    return json_escapes(fault.object[fault.start : fault.end]), fault.end


@contextmanager
def unread_output_allowed() -> Iterator[None]:
    """While it is entered, nothing ends when the reader of standard output goes away; later output is dropped."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if not isinstance(raw, _Output):
        yield
        return
    raw.may_be_unread = True
    try:
        yield
    finally:
        raw.may_be_unread = False


class _Output(io.FileIO):
    """Standard output. While it `may_be_unread`, a reader that goes away ends nothing."""

    may_be_unread = False

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            while (count := super().write(data)) is None:  # a pipe that does not block, and is full
                select.select((), (self,), ())
        except OSError as fault:
            self._give_up()
            if fault.errno in GONE:
                if self.may_be_unread:
                    return memoryview(data).nbytes
                raise Unread from fault
            raise StateFault(
                f"the output could not be written: {reason_of(fault)}", help="make room on the disk"
            ) from fault
        return count

    def _give_up(self) -> None:
        """Drops what is left to flush."""
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self.fileno())
        os.close(null)


class _Talk(io.FileIO):
    """Standard error."""

    def write(self, data: "ReadableBuffer", /) -> int:
        with suppress(OSError):
            if (count := super().write(data)) is not None:
                return count
        return memoryview(data).nbytes


def _over(file: io.FileIO, stream: io.TextIOWrapper) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(file),
        encoding=stream.encoding,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
