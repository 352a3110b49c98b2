"""Carrying out a plan: submit, poll, fetch, resume. `mjpipe.run.engine` does it, with an event loop."""

from mjpipe.run.beside import Abandoned, Replan, WriteBeside
from mjpipe.run.ending import Ending, ending_from_ledger
from mjpipe.run.progress import Progress, Tally
from mjpipe.run.run_settings import RunSettings, StopReason
from mjpipe.run.work import Work, begin_work

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
    "begin_work",
    "ending_from_ledger",
]
