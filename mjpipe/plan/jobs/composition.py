"""The parts of a planned job's fingerprint, for people to look at."""

from typing import Any

from mjpipe.domain import Job, fingerprint_parts
from mjpipe.manifest import Manifest
from mjpipe.plan.jobs.history import NO_HISTORY, History


def composition(manifest: Manifest, job: Job, history: History = NO_HISTORY) -> dict[str, Any]:
    """The parts that a job's fingerprint hashes, in their order.

    `input` is the request as it is sent, without a taskId and with `SOURCE_URL` in place of the source's URL. Instead,
    `source` has the source's fingerprint and `image` the number of its image, None for the whole task.
    """
    name = history.first_name(job.node, manifest.nodes[job.node].was)
    parts = fingerprint_parts(name, job.request, job.source)
    return dict(zip(("version", "node", "input", "source", "image"), parts, strict=True))
