"""The progress of a run: a moving bar for each node on a terminal, elsewhere a line now and then."""

from collections.abc import Callable
from typing import Never, TextIO

from tqdm import tqdm

from mjpipe.cli.terminal import moves_cursor
from mjpipe.domain import JobState, dollars, printable
from mjpipe.run import Progress, Tally

QUIET_SECONDS = 10.0
"""At least, between two lines where no bar can move."""

ENDED = (JobState.DONE, JobState.FAILED, JobState.SKIPPED, JobState.IN_DOUBT)


def progress_display(stream: TextIO, clock: Callable[[], float]) -> "ProgressBars | ProgressLines":
    """Bars on a terminal whose cursor can be moved, else lines."""
    return ProgressBars(stream) if moves_cursor(stream) else ProgressLines(stream, clock)


def money_text(tally: Tally) -> str:
    parts = [f"spent {dollars(tally.balance.spent)}", f"reserved {dollars(tally.balance.reserved)}"]
    if tally.balance.at_risk:
        parts.append(f"at risk {dollars(tally.balance.at_risk)}")
    if tally.budget_text:
        parts.append(f"budget {tally.budget_text}")
    return " · ".join(parts)


class ProgressBars(Progress):
    """A tqdm bar for each node, and the money below them. They are removed at the end: the digest shows the same."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bars: dict[str, tqdm[Never]] = {}
        self._money: tqdm[Never] | None = None

    def show(self, tally: Tally) -> None:
        for node in tally.nodes():
            bar = self._bars[node] if node in self._bars else self._new(node, tally)
            bar.total = tally.total(node)
            bar.n = tally.of(node, *ENDED)
            left = time_left_text(bar.n - bar.initial, bar.total - bar.n, bar.format_dict["elapsed"])
            bar.unit = ", ".join(filter(None, (under_way_text(tally, node), left)))
            bar.update(0)
        if self._money is None:
            self._money = tqdm(
                bar_format="{desc}", position=len(self._bars), file=self._stream, dynamic_ncols=True, leave=False
            )
        self._money.set_description_str(money_text(tally), refresh=False)
        self._money.update(0)

    def _new(self, node: str, tally: Tally) -> "tqdm[Never]":
        bar: tqdm[Never] = tqdm(
            desc=node,
            total=tally.total(node),
            initial=tally.of(node, *ENDED),
            position=len(self._bars),
            file=self._stream,
            unit=under_way_text(tally, node),
            dynamic_ncols=True,
            leave=False,
            bar_format="{desc:<14} {bar} {n_fmt}/{total_fmt} {unit}",
        )
        self._bars[node] = bar
        return bar

    def note(self, text: str) -> None:
        tqdm.write(printable(text), file=self._stream)

    def close(self) -> None:
        # A bar without a total has no truth value: compare with None.
        for bar in [*self._bars.values(), *([] if self._money is None else [self._money])]:
            bar.close()
        if self._bars:
            # tqdm leaves the cursor at the end of the bar that it removed, except for the topmost one.
            self._stream.write("\r")
            self._stream.flush()


def under_way_text(tally: Tally, node: str) -> str:
    """`20 in flight, 24 being fetched`: tasks that count against `concurrency`, and those that have succeeded."""
    counts = {
        "in flight": tally.of(node, JobState.SUBMITTING, JobState.SUBMITTED),
        "being fetched": tally.of(node, JobState.SUCCEEDED),
    }
    return ", ".join(f"{count} {words}" for words, count in counts.items() if count)


def time_left_text(ended: float, left: float, seconds: float) -> str:
    """`about 02:10 left` when `ended` jobs took so many seconds; empty when there is nothing to judge by, or to do."""
    return f"about {tqdm.format_interval(left * seconds / ended)} left" if ended > 0 and left > 0 else ""


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
        self._print(f"{done}/{total} jobs · {money_text(tally)}")

    def note(self, text: str) -> None:
        self._print(text)

    def close(self) -> None:
        self._stream.flush()

    def _print(self, text: str) -> None:
        print(printable(text), file=self._stream, flush=True)
