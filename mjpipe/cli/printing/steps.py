"""Print what to do next."""

from mjpipe.cli.terminal import prose_width, say
from mjpipe.report import NextStep


def say_step(step: NextStep, *, err: bool = False) -> None:
    """In words that are wrapped on a terminal, and the command alone on the line below."""
    say(step.text(prose_width(err=err)), err=err)
