"""Carrying out a plan: submit, poll, fetch, resume. `mjpipe.run.engine` does it, with an event loop."""

from mjpipe.run.beside import Abandoned, Replan, WriteBeside
from mjpipe.run.ending import Ending, undisturbed_ending
from mjpipe.run.progress import Progress, Tally
from mjpipe.run.run_settings import RunSettings, StopReason
from mjpipe.run.work import Work, taken_up

__all__ = [
    "Abandoned",
    "Ending",
    "Progress",
    "Replan",
    "RunSettings",
    "StopReason",
    "Tally",
    "Work",
    "WriteBeside",
    "taken_up",
    "undisturbed_ending",
]
