"""Print the warnings of a plan or a run."""

from collections.abc import Sequence

from mjpipe.campaign import Campaign, Finding, unknown_beside
from mjpipe.cli.diagnostics import render
from mjpipe.cli.terminal import prose_width, say, say_prose
from mjpipe.domain import Diagnostic


def print_warnings(warnings: Sequence[Diagnostic], findings: Sequence[Finding] = ()) -> None:
    """Diagnostics first, separated by blank lines, then the findings of the gate."""
    if warnings:
        say(render(warnings, "text", width=prose_width(err=True)), nl=False, err=True)
    for finding in findings:
        say_prose(f"warning: {finding.evidence}\nhelp: {finding.remedy}", err=True)


def print_unknown(campaign: Campaign) -> None:
    """For commands that show what the state knows: a warning when more was paid for."""
    print_warnings((), unknown_beside(campaign))
