"""Carrying out a plan: submit, poll, fetch, resume."""

from mjpipe.run.engine import Ending, Engine
from mjpipe.run.progress import Progress, Tally
from mjpipe.run.run_settings import RunSettings, StopReason

__all__ = ["Ending", "Engine", "Progress", "RunSettings", "StopReason", "Tally"]
