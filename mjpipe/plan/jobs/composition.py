"""The composition of a planned job's fingerprint, to be looked at."""

from typing import Any

from mjpipe.domain import Job, fingerprint_parts
from mjpipe.manifest import Manifest
from mjpipe.plan.jobs.history import NO_HISTORY, History


def composition(manifest: Manifest, job: Job, history: History = NO_HISTORY) -> dict[str, Any]:
    """What a job's fingerprint is the hash of, part by part in their order, for people to look at.

    `input` is the request as it is sent but for a taskId, with `SOURCE_URL` in place of the source's URL; `source` and
    `image` stand in their place: the source's fingerprint and the number of its image, None for the whole task.
    """
    name = history.first_name(job.node, manifest.nodes[job.node].was)
    parts = fingerprint_parts(name, job.request, job.source)
    return dict(zip(("version", "node", "input", "source", "image"), parts, strict=True))
