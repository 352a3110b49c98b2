"""The progress of a run: moving bars on a terminal, elsewhere a line now and then."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from mjpipe.cli.progress.figures import ENDED, money_text
from mjpipe.cli.terminal import moves_cursor
from mjpipe.domain import printable
from mjpipe.run import Progress, Tally

if TYPE_CHECKING:
    from mjpipe.cli.progress.bars import ProgressBars

QUIET_SECONDS = 10.0
"""At least, between two lines where no bar can move."""


def progress_display(stream: TextIO, clock: Callable[[], float]) -> "ProgressBars | ProgressLines":
    """Bars on a terminal whose cursor can be moved, else lines."""
    if not moves_cursor(stream):
        return ProgressLines(stream, clock)
    from mjpipe.cli.progress.bars import ProgressBars  # noqa: PLC0415 - tqdm, which only a terminal needs

    return ProgressBars(stream)


class ProgressLines(Progress):
    """For pipes and logs: lines that do not move, and not too many of them."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._last = clock()

    def show(self, tally: Tally) -> None:
        if self._clock() - self._last < QUIET_SECONDS:
            return
        self._last = self._clock()
        done = sum(tally.of(node, *ENDED) for node in tally.nodes())
        total = sum(tally.total(node) for node in tally.nodes())
        self._print(f"{done:,}/{total:,} jobs · {money_text(tally)}")

    def note(self, text: str) -> None:
        self._print(text)

    def close(self) -> None:
        self._stream.flush()

    def _print(self, text: str) -> None:
        print(printable(text), file=self._stream, flush=True)
