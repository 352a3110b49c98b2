"""What picks could bring: the jobs that would follow from images which a person has still to choose."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from mjpipe.domain import Job, Usd
from mjpipe.manifest import Manifest
from mjpipe.plan.inputs.node_rows import NodeRow
from mjpipe.plan.jobs.clashes import warn_of_clashes
from mjpipe.plan.jobs.node_planner import NodePlanner, PlannedJob
from mjpipe.plan.mistakes import Mistakes

LONGEST_REHEARSAL = 1_000
"""How many possible jobs behind a pick are checked for clashing paths, once for each node that waits for picks."""


class BehindPicks:
    """Plans the jobs that picks could bring, to count them and to find their mistakes. `rows` are those of a node for a
    job that it starts from.
    """

    def __init__(
        self,
        manifest: Manifest,
        mistakes: Mistakes,
        rows: Callable[[NodePlanner, PlannedJob], Iterable[NodeRow]],
    ) -> None:
        self._manifest = manifest
        self._mistakes = mistakes
        self._rows = rows
        self._rehearsed: set[NodePlanner] = set()

    def placeholder(self, consumer: NodePlanner, planned: PlannedJob, numbers: Sequence[int]) -> Job | None:
        """The placeholder for picks among the images with these `numbers`; None if no pick would bring a job, because
        `where` drops the row.
        """
        possible = self._possible(consumer, planned, numbers[0]) * len(numbers) if numbers else ()
        if not possible:
            return None
        if consumer not in self._rehearsed:
            self._rehearsed.add(consumer)
            imagined = islice(self._imagined(consumer, planned, numbers), LONGEST_REHEARSAL)
            warn_of_clashes(planned, imagined, consumer, self._manifest, self._mistakes)
        return consumer.placeholder(planned, possible)

    def _imagined(
        self, consumer: NodePlanner, planned: PlannedJob, numbers: Sequence[int | None]
    ) -> Iterator[PlannedJob]:
        """The jobs that picks of all these images would bring, with their follow-ups."""
        for number in numbers:
            label = consumer.source_label(planned, number)
            for row in self._rows(consumer, planned):
                for take in consumer.takes if consumer.keeps(row, planned) else ():
                    one = consumer.plan(row, planned, number, label, take)
                    yield one
                    for follower in one.planner.consumers:
                        yield from self._imagined(follower, one, follower.could_start_from(one))

    def _possible(
        self, consumer: NodePlanner, planned: PlannedJob, number: int | None
    ) -> tuple[tuple[str, Usd | None], ...]:
        """Node and price of each job that an image would bring, with all that could follow from those.

        What a row makes of one image it makes of the others too, so that one stands for all of them; that it is made
        at all shows the mistakes that would wait behind the picks.
        """
        entries: tuple[tuple[str, Usd | None], ...] = ()
        label = consumer.source_label(planned, number)
        for row in self._rows(consumer, planned):
            if consumer.keeps(row, planned):
                one = consumer.plan(row, planned, number, label, consumer.takes[0])
                entries += self._with_followers(one) * len(consumer.takes)
        return entries

    def _with_followers(self, planned: PlannedJob) -> tuple[tuple[str, Usd | None], ...]:
        entries: tuple[tuple[str, Usd | None], ...] = ((planned.planner.node.name, planned.job.price),)
        for consumer in planned.planner.consumers:
            numbers = consumer.could_start_from(planned)
            entries += self._possible(consumer, planned, numbers[0]) * len(numbers) if numbers else ()
        return entries
