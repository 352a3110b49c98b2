"""Carrying out a plan: submit, poll, fetch, resume. `mjpipe.run.engine` does it, with an event loop."""

from mjpipe.run.ending import Ending, undisturbed_ending
from mjpipe.run.progress import Progress, Tally
from mjpipe.run.run_settings import RunSettings, StopReason
from mjpipe.run.work import Work, taken_up

__all__ = ["Ending", "Progress", "RunSettings", "StopReason", "Tally", "Work", "taken_up", "undisturbed_ending"]
