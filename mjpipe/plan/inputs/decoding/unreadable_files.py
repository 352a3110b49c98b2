"""Reports files of rows that cannot be read, whatever their format."""

import re
from pathlib import Path

from mjpipe.domain import Place, reason_of
from mjpipe.plan.inputs.decoding.encodings import report_undecodable
from mjpipe.plan.inputs.decoding.input_lines import OutOfBounds
from mjpipe.plan.inputs.decoding.other_formats import other_format
from mjpipe.plan.mistakes import Mistakes

_ADDRESS = re.compile(r"(?:^|/)(?P<scheme>[a-z][a-z0-9]+):/+(?P<rest>.+)", re.IGNORECASE)
"""A URL after it was read as a path, which has lost one of its slashes."""


def is_other_format(path: Path, *, shown: str, at: Place, mistakes: Mistakes, is_csv: bool = False) -> bool:
    """Whether a file holds no rows, or JSON where CSV is read, which is reported then. Raises OSError, ValueError."""
    found = other_format(path, is_csv=is_csv)
    if found is not None:
        what, help_text = found
        mistakes.error(at, "MJ100", f"`{shown}` is {what}", help=help_text)
    return found is not None


def report_unreadable(
    fault: Exception, path: Path, encoding: str, *, shown: str, at: Place, mistakes: Mistakes
) -> None:
    """Reports an OSError, an OutOfBounds, a UnicodeError or another ValueError; `at` names the file."""
    match fault:
        case FileNotFoundError():
            if address := _ADDRESS.search(shown):
                message = f"`{address['scheme']}://{address['rest']}` is an address, not a file"
                advice = "inputs are files on this machine: download it first"
            else:
                message, advice = f"`{shown}` does not exist", "paths are relative to the folder of the manifest"
            mistakes.error(at, "MJ050", message, help=advice)
        case OSError():
            mistakes.error(at, "MJ050", f"`{shown}` cannot be read: {reason_of(fault)}")
        case OutOfBounds():
            mistakes.error(fault.place(shown), fault.code, str(fault), help=fault.help)
        case UnicodeError():
            report_undecodable(path, encoding, shown=shown, mistakes=mistakes)
        case _:
            mistakes.error(at, "MJ050", f"`{shown}` is not a file name")
