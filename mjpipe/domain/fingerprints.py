"""What says that two jobs ask for the same thing.

A fingerprint is the SHA-256, in hex, of the composition as JSON: ASCII only, keys sorted, no white space.
"""

import hashlib
import json
from typing import Any

from mjpipe.domain.job import Fingerprint, JsonObject, Source

FINGERPRINT_VERSION = 1
"""Names this composition. Another would make every job of every campaign new, so it never changes."""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False, allow_nan=False).encode


def fingerprint(name: str, request: JsonObject, source: Source | None) -> Fingerprint:
    """The hash for a node's first name, its `input`, and the image that it starts from."""
    return Fingerprint(hashlib.sha256(_canonical(composed(name, request, source)).encode("ascii")).hexdigest())


def composed(name: str, request: JsonObject, source: Source | None) -> list[Any]:
    """The parts of the composition in their order: its version, the node's first name, its `input`, the fingerprint of
    the job that it starts from, and the number of the image, None for the whole task.
    """
    of = (None, None) if source is None else (source.fingerprint, source.number)
    return [FINGERPRINT_VERSION, name, request, *of]
