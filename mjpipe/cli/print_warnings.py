"""What a person is warned of before a plan or a run."""

from collections.abc import Sequence

from mjpipe.campaign import Finding
from mjpipe.cli.diagnostics import render
from mjpipe.cli.terminal import say
from mjpipe.domain import Diagnostic


def print_warnings(warnings: Sequence[Diagnostic], findings: Sequence[Finding] = ()) -> None:
    """Diagnostics first, with a blank line between them, then what the gate found."""
    if warnings:
        say(render(warnings, "text"), nl=False, err=True)
    for finding in findings:
        say(f"warning: {finding.evidence}\nhelp: {finding.remedy}", err=True)
