"""What says that two jobs ask for the same thing.

A fingerprint is the SHA-256, in hex, of the composition as JSON: ASCII only, keys sorted, no white space.
"""

import hashlib
import json
from typing import Any

from mjpipe.domain import Fingerprint, Job, JsonObject, Source
from mjpipe.manifest import Manifest
from mjpipe.plan.known import NOTHING_KNOWN, Known

FINGERPRINT_VERSION = 1
"""Names this composition. Another would make every job of every campaign new, so it never changes."""

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False, allow_nan=False).encode


def fingerprint(name: str, request: JsonObject, source: Source | None) -> Fingerprint:
    """The hash for a node's first name, its `input`, and the image that it starts from."""
    composed = [FINGERPRINT_VERSION, name, request, *_source_parts(source)]
    return Fingerprint(hashlib.sha256(_canonical(composed).encode("ascii")).hexdigest())


def composition(manifest: Manifest, job: Job, known: Known = NOTHING_KNOWN) -> dict[str, Any]:
    """What a job's fingerprint is the hash of, part by part in their order, for people to look at.

    `input` is the request as it is sent but for a taskId, with `SOURCE_URL` in place of the source's URL; `source` and
    `image` stand in their place: the source's fingerprint and the number of its image, None for the whole task.
    """
    name = known.first_name(job.node, manifest.nodes[job.node].was)
    parts = (FINGERPRINT_VERSION, name, job.request, *_source_parts(job.source))
    return dict(zip(("version", "node", "input", "source", "image"), parts, strict=True))


def _source_parts(source: Source | None) -> tuple[Fingerprint | None, int | None]:
    return (None, None) if source is None else (source.fingerprint, source.number)
