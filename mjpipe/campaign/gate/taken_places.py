"""Whether files of somebody else stand in the places of images."""

import os
from collections.abc import Iterator, Mapping, Sequence

from mjpipe.campaign.gate.finding import Finding, Severity, Situation
from mjpipe.campaign.gate.unusable_folders import unusable
from mjpipe.domain import EXTENSION, IMAGE_ENDINGS, Job, JobState, one_line
from mjpipe.files import folded, names_below, refuses_writes
from mjpipe.plan import Pair

NAMED = 3
"""How many of them are named."""

_NO_FOLDER: Mapping[str, str] = {}
"""What is where a folder should be is something else."""

_UNPAID = frozenset({JobState.WAITING, JobState.UNPICKED, JobState.READY, JobState.FAILED})
"""A job with a task may have its images there already: a run that is killed does not record the last ones."""


class TakenPlaces:
    """Looks where the images of jobs will go that a run can still submit.

    Each folder is listed once, when the first image of it comes. Where there is no output folder this costs nothing.
    """

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._outputs = situation.campaign.manifest.outputs.dir
        self._is_there = os.path.isdir(self._outputs)  # noqa: PTH112 - raises nothing
        self._listed: dict[str, Mapping[str, str]] = {}
        self._taken: dict[str, None] = {}
        self._unusable: list[Finding] = []

    def see(self, pairs: Sequence[Pair]) -> None:
        if self._is_there:
            for job, standing in pairs:
                if standing.state in _UNPAID:
                    self._look(job)

    def findings(self) -> Iterator[Finding]:
        yield from self._unusable
        strange = self._not_ours() if self._taken else []
        if strange:
            files = "1 file" if len(strange) == 1 else f"{len(strange):,} files"
            named = ", ".join(f"`{one_line(path)}`" for path in strange[:NAMED])
            more = ", ..." if len(strange) > NAMED else ""
            yield Finding(
                severity=Severity.WARNING,
                evidence=f"places of images are taken by {files} that mjpipe did not write: {named}{more}",
                remedy="move them away, or change `outputs.path`; until then these images wait in the state folder",
            )

    def _not_ours(self) -> Sequence[str]:
        named = names_below(self._outputs)
        ours = self._situation.ledger.images.on_record(None if named is folded else self._taken)
        lost = self._situation.evidence.placed  # what another check finds, and `adopt` takes over
        known = {*map(named, ours), *map(named, lost)}
        return [path for path in self._taken if named(path) not in known]

    def _look(self, job: Job) -> None:
        for path in job.paths:
            folder, _, name = path.rpartition("/")
            there = self._listed.get(folder)
            if there is None:
                there = self._listed[folder] = self._list(folder)
            if name in there:
                self._taken[there[name]] = None
            elif there is _NO_FOLDER:
                self._taken[self._first_above(folder)] = None

    def _list(self, folder: str) -> Mapping[str, str]:
        """The paths of what is in a folder, by the names that images have in a plan."""
        try:
            names = os.listdir(self._outputs / folder)  # noqa: PTH208 - names alone
        except FileNotFoundError:
            return {}
        except NotADirectoryError:
            return _NO_FOLDER
        except OSError:  # nothing is known of what is in it
            names = []
        if folder and (reason := refuses_writes(self._outputs / folder)) is not None:
            self._unusable.append(unusable(self._outputs / folder, "images are", reason))
        slash = "/" if folder else ""
        images = [(name, name.rpartition(".")[0]) for name in names if name.rpartition(".")[2] in IMAGE_ENDINGS]
        return {f"{stem}.{EXTENSION}": f"{folder}{slash}{name}" for name, stem in images}

    def _first_above(self, folder: str) -> str:
        """What stands where a folder should be, or one above it."""
        parts = folder.split("/")
        above = ("/".join(parts[:count]) for count in range(1, len(parts)))
        return next((path for path in above if not os.path.isdir(self._outputs / path)), folder)  # noqa: PTH112 - as above
