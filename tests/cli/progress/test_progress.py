"""What a person sees while a run goes on, and where it leaves the cursor."""

import io

import pytest

from mjpipe.cli.progress.bars import ProgressBars
from mjpipe.cli.progress.display import ProgressLines, progress_display
from mjpipe.cli.progress.figures import time_left_text, under_way_text
from mjpipe.domain import ZERO, JobState
from mjpipe.ledger import Balance
from mjpipe.run import Tally


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def tally(**states: int) -> Tally:
    counts = {("hero", JobState(state)): count for state, count in states.items()}
    counts["final", JobState.WAITING] = 3
    return Tally(counts, Balance(spent=ZERO, reserved=ZERO, at_risk=ZERO, unpriced=0), None)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "120")
    return Terminal()


def test_tasks_in_flight_are_counted_apart_from_those_whose_images_are_fetched() -> None:
    under_way = tally(submitting=2, submitted=18, succeeded=24, done=6)
    assert under_way_text(under_way, "hero") == "20 in flight, 24 being fetched"
    assert under_way_text(under_way, "final") == ""


def test_the_time_left_is_labelled_and_not_guessed_before_a_job_has_ended() -> None:
    assert time_left_text(10, 40, 30.0) == "about 2:00 left"
    assert time_left_text(1, 100, 61.5) == "about 1:42:30 left"
    assert (time_left_text(0, 40, 30.0), time_left_text(10, 0, 30.0)) == ("", "")


def test_a_bar_shows_what_is_under_way_and_the_time_left(terminal: Terminal) -> None:
    bars = ProgressBars(terminal)
    bars.show(tally(submitted=2, done=1))
    bars.show(tally(submitted=1, done=2))
    bars.close()
    shown = terminal.getvalue()
    assert " 1/3 2 in flight" in shown
    assert "?" not in shown


def test_what_is_printed_after_the_bars_begins_in_the_first_column(terminal: Terminal) -> None:
    bars = ProgressBars(terminal)
    bars.show(tally(submitted=2))
    bars.close()
    assert terminal.getvalue().endswith("\r")


@pytest.mark.parametrize(
    ("kind", "shown"), [("dumb", ProgressLines), ("", ProgressLines), ("xterm-256color", ProgressBars)]
)
def test_a_terminal_whose_cursor_cannot_be_moved_gets_lines(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, kind: str, shown: type[ProgressBars | ProgressLines]
) -> None:
    monkeypatch.setenv("TERM", kind)
    assert isinstance(progress_display(terminal, lambda: 0.0), shown)


def test_a_note_is_wrapped_as_a_line_that_the_terminal_breaks_would_leave_a_bar_behind(terminal: Terminal) -> None:
    bars = ProgressBars(terminal)
    bars.note("stopping: " + "submitting nothing new, " * 6)
    bars.close()
    said = terminal.getvalue().splitlines()
    assert [len(line) <= 120 for line in said] == [True, True]
    assert said[1].startswith("  ")
