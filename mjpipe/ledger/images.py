"""The images of tasks: those on disk, and those at the service alone."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence

from mjpipe.domain import JobKey, TaskId
from mjpipe.ledger.values import ImageOnDisk, ImageToFetch, ToFetch

_FILE = """coalesce(i.hand_size, i.size),
       max(coalesce(i.checked, 0), cast((coalesce(i.fetched, 0) + 2) * 1e9 AS INTEGER)), i.hand_sha256"""
"""Of the file of an image `i`: its size, up to when its content is known, and its hash when somebody has changed it.

What was written within two seconds after it was fetched counts as ours: some file systems know no finer times.
"""

_LEFT_OVER = f"""
WITH beside (attempt, job, paths, position) AS (
    SELECT a.id, j.id, j.paths, j.position FROM jobs j JOIN attempts a ON a.job = j.id WHERE j.wanted = 0
    UNION ALL
    SELECT a.id, j.id, j.paths, j.position
    FROM (SELECT DISTINCT job FROM attempts WHERE number > 1) several
    JOIN jobs j ON j.id = several.job AND j.wanted = 1
    JOIN attempts a ON a.job = j.id AND a.id <> coalesce(j.reroll_of, j.attempt)
)
SELECT b.job, i.attempt, i.number, i.path, i.sha256, b.paths, {_FILE} FROM beside b JOIN images i ON i.attempt = b.attempt
WHERE i.path IS NOT NULL AND (?1 IS NULL OR i.path IN (SELECT value FROM json_each(?1)))
ORDER BY b.position, i.attempt, i.number
"""  # noqa: E501, S608

_TO_FETCH = """
FROM images i JOIN attempts a ON a.id = i.attempt JOIN jobs j ON j.id = a.job
WHERE i.path IS NULL AND (j.attempt = a.id AND j.state = 'succeeded'
                          OR (j.attempt <> a.id OR j.state <> 'done') AND i.fetched IS NULL)
"""

_ENDED = "coalesce(min(a.completed, a.finished), a.finished)"
"""When the task of an attempt `a` ended: no later than it was known here, whatever the service's clock says."""


class Images:
    """Reads the images on record."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def on_disk(
        self, which: Callable[[str, int, Sequence[str], int, int], bool] = lambda *_: True
    ) -> Iterator[ImageOnDisk]:
        """The images that wanted jobs have for their results, in the order of the plan: also where others did not
        come, and what a reroll shall replace.

        With those of `left_over` these are all that are on disk by the record. Only those for which `which` is
        true of the path, the number, the job's planned paths, and `size` and `seen` as in `ImageOnDisk`: to have a
        value made of each takes longer than to read them.
        """
        return self._images(
            f"SELECT j.id, i.attempt, i.number, i.path, i.sha256, j.paths, {_FILE}"  # noqa: S608 - our own words
            " FROM jobs j JOIN images i ON i.attempt = coalesce(j.reroll_of, j.attempt)"
            " WHERE j.wanted = 1 AND i.path IS NOT NULL ORDER BY j.position, i.number",
            which=which,
        )

    def left_over(self, paths: Iterable[str] | None = None) -> Iterator[ImageOnDisk]:
        """The images on disk that no wanted job has for its result: those of orphans and of extras.

        What a reroll shall replace is its job's result until then. With `paths`, only those that lie there.
        """
        return self._images(_LEFT_OVER, None if paths is None else json.dumps([*paths]))

    def planned_paths(self) -> Iterator[str]:
        """The paths of all images that the manifest asks for, in the order of the plan."""
        for (paths,) in self._connection.execute("SELECT paths FROM jobs WHERE wanted = 1 ORDER BY position"):
            yield from json.loads(paths)

    def to_fetch(self) -> list[int]:
        """Attempts whose images are not all on disk, orphans' and extras too, in the order of the plan.

        Images beside a job's present result are fetched once: when their files are gone, they stay so.
        """
        query = f"SELECT DISTINCT a.id, j.position {_TO_FETCH} ORDER BY j.position, a.id"
        rows = self._connection.execute(query)
        return [row[0] for row in rows]

    def to_fetch_of(self, attempt: int) -> ToFetch:
        """What there is to fetch for one attempt."""
        row = self._connection.execute(
            "SELECT j.id, j.key, j.node, a.task, j.paths,"  # noqa: S608 - our own words
            " j.wanted AND j.attempt = a.id AND j.state = 'succeeded', j.attempt = a.id AND j.state = 'succeeded',"
            f" a.number, {_ENDED}"
            " FROM attempts a JOIN jobs j ON j.id = a.job WHERE a.id = ?",
            (attempt,),
        ).fetchone()
        images = self._connection.execute(
            "SELECT number, url FROM images WHERE attempt = ? AND path IS NULL ORDER BY number", (attempt,)
        )
        return ToFetch(
            job=row[0],
            attempt=attempt,
            key=JobKey(row[1]),
            node=row[2],
            task=TaskId(row[3]),
            wanted=bool(row[5]),
            extra=not row[6],
            again=row[7] > 1,
            ended=row[8],
            paths=tuple(json.loads(row[4])),
            images=tuple(ImageToFetch(number=number, url=url) for number, url in images),
        )

    def waiting_since(self) -> list[float]:
        """Of each task whose images are, or may be, at the service alone, since when: the oldest first, in seconds
        since the epoch. For a task whose end is not known that is when it was accepted.
        """
        rows = self._connection.execute(
            f"SELECT {_ENDED} FROM attempts a WHERE a.id IN (SELECT a.id {_TO_FETCH})"  # noqa: S608 - our own words
            " UNION ALL SELECT answered FROM attempts"
            # The first term is what the index holds.
            " WHERE money <> 'spent' AND money = 'reserved' AND task IS NOT NULL ORDER BY 1"
        )
        return [float(since) for (since,) in rows]

    def _images(
        self,
        query: str,
        *values: str | None,
        which: Callable[[str, int, Sequence[str], int, int], bool] = lambda *_: True,
    ) -> Iterator[ImageOnDisk]:
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
