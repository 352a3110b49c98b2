"""The images of tasks: those on disk, and those at the service alone."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from mjpipe.domain import JobKey, TaskId
from mjpipe.ledger.database import LedgerConnection, queries
from mjpipe.ledger.values import ImageOnDisk, ImageToFetch, ToFetch

_SQL = queries(__file__)

Choice = Callable[[str, int, Sequence[str], int, int], bool]
"""Whether an image on disk is wanted: by its path, its number, its job's planned paths, and `size` and `seen` as in
`ImageOnDisk`.
"""


class ImagePlaces:
    """Says where images are."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def on_disk(self, which: Choice = lambda *_: True) -> Iterator[ImageOnDisk]:
        """The images of wanted jobs' results, in the order of the plan: also of results that miss some images, or that
        a reroll is to replace.

        With those of `left_over` these are all that are on disk by the record. Only those for which `which` is true:
        making a value of each takes longer than reading them.
        """
        return self._images(_SQL["on_disk"], which=which)

    def left_over(self, paths: Iterable[str] | None = None) -> Iterator[ImageOnDisk]:
        """The images on disk that are in no wanted job's result: those of orphans and of extras.

        A result that a reroll is to replace is the job's result until then. With `paths`, only images at those paths.
        """
        return self._images(_SQL["left_over"], None if paths is None else json.dumps([*paths]))

    def on_record(self, paths: Iterable[str] | None) -> frozenset[str]:
        """Those of the paths at which images are by the record, of whatever job; with None, all such paths."""
        which = None if paths is None else json.dumps([*paths])
        return frozenset(path for (path,) in self._connection.execute(_SQL["on_record"], (which,)))

    def planned_paths(self) -> Iterator[str]:
        """The paths of all images that the manifest asks for, in the order of the plan."""
        for (paths,) in self._connection.execute("SELECT paths FROM jobs WHERE wanted = 1 ORDER BY position"):
            yield from json.loads(paths)

    def to_fetch(self) -> list[int]:
        """Attempts with images that are not on disk, orphans' and extras' too, in the order of the plan.

        Images beside a job's present result are fetched once: when their files are gone, they are not fetched again.
        """
        rows = self._connection.execute(
            "SELECT DISTINCT attempt, position FROM images_to_fetch ORDER BY position, attempt"
        )
        return [attempt for attempt, _ in rows]

    def to_fetch_of(self, attempt: int) -> ToFetch:
        """What there is to fetch for one attempt."""
        row = next(self._connection.rows(_Fetched, _SQL["to_fetch_of"], (attempt,)))
        images = self._connection.execute(
            "SELECT number, url FROM images WHERE attempt = ? AND path IS NULL ORDER BY number", (attempt,)
        )
        return ToFetch(
            job=row.job,
            attempt=attempt,
            key=JobKey(row.key),
            node=row.node,
            task=TaskId(row.task),
            wanted=bool(row.wanted and row.awaited),
            extra=not row.awaited,
            again=row.number > 1,
            ended=row.ended,
            paths=tuple(json.loads(row.paths)),
            images=tuple(ImageToFetch(number=number, url=url) for number, url in images),
        )

    def waiting_since(self) -> list[float]:
        """Since when images are, or may be, at the service alone: one time for each task, the oldest first, in seconds
        since the epoch. A task that has not ended, as far as is known, counts from when it was accepted.
        """
        return [float(since) for (since,) in self._connection.execute(_SQL["waiting_since"])]

    def _images(self, query: str, *values: str | None, which: Choice = lambda *_: True) -> Iterator[ImageOnDisk]:
        planned_of, planned = "", ()
        for job, attempt, number, path, sha256, paths, size, seen, hand in self._connection.execute(query, values):
            if paths != planned_of:
                planned_of, planned = paths, tuple(json.loads(paths))
            if which(path, number, planned, size, seen):
                yield ImageOnDisk(
                    job=job,
                    attempt=attempt,
                    number=number,
                    path=path,
                    sha256=sha256,
                    planned=planned,
                    size=size,
                    seen=seen,
                    hand_sha256=hand,
                )


class _Fetched(NamedTuple):
    """An attempt with images to fetch. `awaited` says that its job waits for them."""

    job: int
    key: str
    node: str
    task: str
    paths: str
    wanted: int
    awaited: int
    number: int
    ended: float
