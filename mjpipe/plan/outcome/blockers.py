"""Why a run would not reach jobs that wait."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mjpipe.domain import Job, JobState, Standing

Chosen: TypeAlias = Callable[[Job, Standing], bool]


class Blocker(StrEnum):
    """The state of the source that keeps a run from reaching a job."""

    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    SKIPPED = "skipped"
    NOT_SELECTED = "not_selected"
    """it could be made, but this run does not select it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a plan a run takes upon itself: the chosen jobs (None: all), and whether it tries failed ones again."""

    chosen: Chosen | None = None
    retry_failed: bool = False

    def takes(self, job: Job, standing: Standing) -> bool:
        return self.chosen is None or self.chosen(job, standing)

    def blocker(self, standing: Standing) -> Blocker | None:
        """Why a run would not come to a job that stands so; None when it would, for all that is known.

        It comes to jobs whose source is made, in flight, or to be made by the same run.
        """
        if standing.waits_for is None:
            return None
        job, source = standing.waits_for
        match source.state:
            case JobState.READY | JobState.WAITING:
                return self.blocker(source) or (None if self.takes(job, source) else Blocker.NOT_SELECTED)
            case JobState.FAILED if not source.images_gone:
                tried = self.retry_failed and source.offered and self.takes(job, source)
                return None if tried else Blocker.FAILED
            case JobState.IN_DOUBT:
                return Blocker.IN_DOUBT
            case JobState.SKIPPED:
                return Blocker.SKIPPED
        return None


WHOLE = Part()
