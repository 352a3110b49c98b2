"""How much memory a piece of work holds at most."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Held:
    """Bytes, on top of what was held before."""

    most: int = 0


@contextmanager
def held() -> Iterator[Held]:
    """Counts what Python allocates, zlib's output included, while the block lasts."""
    measured = Held()
    tracemalloc.start()
    try:
        yield measured
        measured.most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
