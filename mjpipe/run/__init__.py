"""Carrying out a plan: submit, poll, fetch, resume."""

from mjpipe.run.engine import Ending, Engine
from mjpipe.run.image_files import has_content
from mjpipe.run.progress import Progress, Tally
from mjpipe.run.settings import Settings, Stop

__all__ = ["Ending", "Engine", "Progress", "Settings", "Stop", "Tally", "has_content"]
