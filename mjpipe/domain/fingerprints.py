"""Fingerprints: two jobs that ask for the same thing have the same one.

A fingerprint is the SHA-256, in hex, of the composition as JSON: ASCII only, keys sorted, no white space.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from mjpipe.domain.job import Fingerprint, JsonObject, Source

FINGERPRINT_VERSION = 1
"""The version of this composition. It never changes: another would make every job of every campaign new."""


def fingerprint(name: str, request: JsonObject, source: Source | None) -> Fingerprint:
    """The hash of a node's first name, its `input`, and the image that it starts from."""
    return _hasher()(fingerprint_parts(name, request, source))


def fingerprint_parts(name: str, request: JsonObject, source: Source | None) -> list[Any]:
    """What is hashed, in this order: version, the node's first name, its `input`, and the fingerprint and image number
    of the source. The number is None for the whole task.
    """
    of = (None, None) if source is None else (source.fingerprint, source.number)
    return [FINGERPRINT_VERSION, name, request, *of]


@cache
def _hasher() -> Callable[[list[Any]], Fingerprint]:
    import hashlib  # noqa: PLC0415 - every command imports this module, and few need a fingerprint
    import json  # noqa: PLC0415 - as above

    encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False, allow_nan=False).encode
    return lambda parts: Fingerprint(hashlib.sha256(encode(parts).encode("ascii")).hexdigest())
