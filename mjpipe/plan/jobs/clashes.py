"""Finds jobs with the same key and images with the same path, among any number of jobs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mjpipe.domain import EXTENSION, Job, Place
from mjpipe.files import all_folded, folded
from mjpipe.manifest import Manifest
from mjpipe.plan.jobs.node_planner import NodePlanner, PlannedJob
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.uniqueness import NameHashes, RepeatedHashes


@dataclass(frozen=True, slots=True)
class _PlannedImage:
    job: Job
    number: int
    path: str


class Clashes:
    """Works in two passes: all jobs are registered; if any are suspected, all are checked again to name them."""

    def __init__(self, manifest: Manifest, mistakes: Mistakes) -> None:
        self._manifest = manifest
        self._mistakes = mistakes
        self._keys = NameHashes()
        self._paths = NameHashes()
        self._suspected_keys = RepeatedHashes()
        self._suspected_paths = RepeatedHashes()
        self._first_job: dict[str, Job] = {}
        self._first_image: dict[str, _PlannedImage] = {}

    def register(self, job: Job) -> None:
        self._keys.add(job.key)
        self._paths.add(*all_folded(job.paths))

    def suspected(self) -> bool:
        """Whether any name may be repeated; call it when all jobs are registered."""
        self._suspected_keys = self._keys.repeated()
        self._suspected_paths = self._paths.repeated()
        return bool(self._suspected_keys or self._suspected_paths)

    def name(self, job: Job) -> None:
        if job.key in self._suspected_keys and self._first_job.setdefault(job.key, job) is not job:
            self._mistakes.error(
                self._place(job),
                "MJ088",
                f"two jobs of `{job.node}` have the same key",
                help=f"both are `{job.key}`: rename one of their source nodes",
                at=job.key,
            )
            return
        for number, path in enumerate(job.paths):
            same = folded(path)
            if same in self._suspected_paths:
                image = _PlannedImage(job, number, path)
                earlier = self._first_image.setdefault(same, image)
                if earlier is not image:
                    self._one_path(earlier, image)

    def _one_path(self, earlier: _PlannedImage, image: _PlannedImage) -> None:
        first, second = earlier.job, image.job
        if first.key == second.key:
            message = f"several images of one job of `{first.node}` would have the same path"
            help_text = "put `{{ image }}` into the path"
        elif first.node == second.node:
            message = f"images of several jobs of `{first.node}` would have the same path"
            help_text = "put `{{ key }}` into the path, or the columns in which the jobs differ"
        else:
            message = f"images of `{first.node}` and of `{second.node}` would have the same path"
            help_text = "put `{{ node }}` into the path"
        shown = earlier.path.replace(EXTENSION, "*")
        case = " where capitals make no difference" if earlier.path != image.path else ""
        which = f"image {earlier.number} of `{first.key}` and image {image.number} of `{second.key}`"
        self._mistakes.error(
            self._place(second),
            "MJ086",
            message,
            help=f"{which} are both `{shown}`{case}: {help_text}",
            at=(second.key, image.number),
        )

    def _place(self, job: Job) -> Place:
        path = self._manifest.outputs.path
        return path.place if path else self._manifest.nodes[job.node].place


def warn_of_clashes(
    planned: PlannedJob, imagined: Iterable[PlannedJob], consumer: NodePlanner, manifest: Manifest, mistakes: Mistakes
) -> None:
    """Warns when picks of a job's images could bring two images with the same path, or one whose path is taken.

    It is only a warning: with one pick per job, the path needs no label.
    """
    if manifest.outputs.path is None:
        return
    first = {folded(path): job.key for job in _line_of(planned) for path in job.paths}
    for one in imagined:
        for path in one.job.paths:
            same = folded(path)
            if first.get(same, one.job.key) != one.job.key:
                mistakes.warning(
                    manifest.outputs.path.place,
                    "MJ089",
                    f"picks for `{consumer.node.name}` could bring two images with the same path",
                    help=f"`{first[same]}` and `{one.job.key}` would both write `{path.replace(EXTENSION, '*')}`: "
                    "put `{{ node }}` and `{{ image }}` into the path",
                )
                return
            first[same] = one.job.key


def _line_of(planned: PlannedJob | None) -> Iterator[Job]:
    """A job, its source, the source of that, and so on."""
    while planned is not None:
        yield planned.job
        planned = planned.source
