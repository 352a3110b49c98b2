"""Which of several lines about the same images counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from mjpipe.plan.inputs.picks.decisions import Pick


@dataclass(frozen=True, slots=True)
class Differing:
    """Two lines that say different things, and no time says which of them is the later one."""

    first: Pick
    second: Pick


def line_that_counts(lines: Sequence[Pick]) -> Pick | Differing:
    """Of lines for one task and node, the one with the latest time, wherever it stands: git puts lines of two branches
    in any order. Lines that say the same need no time; then the last of them counts. `lines` are not empty.
    """
    chosen = lines[-1]
    if all(line.choice == chosen.choice for line in lines):
        return chosen
    times = [line.time for line in lines]
    for line, time in zip(lines, times, strict=True):
        if time is None:
            return _differing(lines, line)
    latest = max(time for time in times if time)
    last = [line for line, time in zip(lines, times, strict=True) if time == latest]
    return last[-1] if all(line.choice == last[-1].choice for line in last) else _differing(last, last[-1])


def _differing(lines: Sequence[Pick], line: Pick) -> Differing:
    """That line and the first that says another thing, in the order of the file."""
    first, second = sorted(
        (lines.index(line), next(number for number, other in enumerate(lines) if other.choice != line.choice))
    )
    return Differing(lines[first], lines[second])
