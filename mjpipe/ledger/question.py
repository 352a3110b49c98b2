"""The question that a holder of a state asks at its terminal, for others to know of.

The ledger cannot say so: the answer ends the transaction that would.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from mjpipe.files import make_private_file, read_regular, state_faults
from mjpipe.ledger.processes import Process, this_process

_NAME = "question"

_LARGEST = 4096
"""bytes"""


@contextmanager
def asking(folder: Path) -> Iterator[None]:
    """This process asks a person in the block. Raises StateFault."""
    file = folder / _NAME
    with state_faults(folder):
        make_private_file(file)
        file.write_text(json.dumps({**asdict(this_process()), "since": time.time()}), "utf-8")
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink()


def asking_since(folder: Path, holder: Process) -> float | None:
    """Since when the holder asks, in seconds since the epoch; None when it does not, or that cannot be read."""
    try:
        asked = json.loads(read_regular(folder / _NAME, _LARGEST))
        since = float(asked.pop("since"))
        return since if Process(**asked) == holder else None
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None
