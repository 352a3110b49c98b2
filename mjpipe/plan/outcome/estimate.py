"""The least time that a run would take."""

from functools import cache

from mjpipe.contract import Mode, Speed
from mjpipe.domain import Job, Json
from mjpipe.manifest import Manifest

_CALLS = 2
"""Requests that a job needs at least: one submission, one status request."""


@cache
def _repeats_source(mode: Json) -> bool:
    return Mode(str(mode)).facts.repeats_source


@cache
def _typical(mode: Json, speed: Json) -> float:
    """The documented seconds for jobs of a mode; its speed is None where it has none."""
    return Mode(str(mode)).facts.timing(None if speed is None else Speed(str(speed))).typical


class Estimate:
    """Adds up the documented latencies of jobs; draft and edit, which have none, count as fast.

    The estimate is the longest of three lower bounds: the times of all jobs shared among `limits.concurrency` slots;
    their requests at `limits.requests_per_second`; and the longest chain of nodes, each with its slowest job, because a
    follower waits for its source. Jobs behind unmade picks are not included. A reroll takes as long as the last job of
    its source's node.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._jobs = 0
        self._work = 0.0
        self._slowest: dict[str, float] = {}
        self._speeds: dict[str, Json] = {}

    def add(self, job: Job) -> None:
        """A job that would be submitted."""
        mode, speed = job.request["mode"], job.request.get("speed")
        if _repeats_source(mode):
            sources = self._manifest.nodes[job.node].sources
            speed = next((self._speeds[name] for name in sources if name in self._speeds), None)
        self._speeds[job.node] = speed
        typical = _typical(mode, speed)
        self._jobs += 1
        self._work += typical
        self._slowest[job.node] = max(typical, self._slowest.get(job.node, 0))

    def seconds(self) -> float | None:
        """None when there is nothing to do."""
        if not self._jobs:
            return None
        limits = self._manifest.limits
        return max(
            self._work / limits.concurrency,
            self._jobs * _CALLS / limits.requests_per_second,
            self._manifest.graph.longest_path(self._slowest),
        )
