"""Moving bars: the progress of a run on a terminal."""

from typing import Never, TextIO

from tqdm import tqdm

from mjpipe.cli.progress.figures import ENDED, money_text, time_left_text, under_way_text
from mjpipe.cli.terminal import terminal_width
from mjpipe.domain import printable, wrapped
from mjpipe.run import Progress, Tally


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
        tqdm.write("\n".join(wrapped(printable(text), terminal_width(), rest="  ")), file=self._stream)
        self._stream.flush()  # so that it stands above what is printed next, elsewhere

    def close(self) -> None:
        # A bar without a total has no truth value: compare with None.
        for bar in [*self._bars.values(), *([] if self._money is None else [self._money])]:
            bar.close()
        if self._bars:
            # tqdm leaves the cursor at the end of the bar that it removed, except for the topmost one.
            self._stream.write("\r")
            self._stream.flush()
