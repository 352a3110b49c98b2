"""argv in, text and exit code out: the only place that prints."""

from mjpipe.cli.main import main

__all__ = ["main"]
