"""The terminal: how wide it is, and whether a person sits at it."""

import shutil
import sys


def terminal_width() -> int:
    """In columns; what COLUMNS says, and 80 where nothing does."""
    return shutil.get_terminal_size().columns


def watched() -> bool:
    """Whether a person is there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
