"""Which fingerprints planned jobs had if their nodes had other names before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from mjpipe.domain import Fingerprint, Job, fingerprint


class FormerFingerprints:
    """For one plan, whose jobs come after their sources. `first_names` are those of the plan's nodes; `names` gives the
    other ones that a node may have had.

    `made_as` remembers what was found, so that what follows from a job is looked for as a follow-up of what was made.
    """

    def __init__(self, first_names: Mapping[str, str], names: Callable[[str], Sequence[str]]) -> None:
        self._first_names = first_names
        self._names = names
        self._made_as: dict[Fingerprint, Fingerprint] = {}

    def of(self, job: Job) -> Iterator[tuple[str, Fingerprint]]:
        """Each name and the fingerprint under it. With the present name only if the source was made under another one:
        else it is the job's own fingerprint.
        """
        source = job.source
        names = self._names(job.node)
        former = self._made_as.get(source.fingerprint) if source is not None else None
        if source is not None and former is not None:
            source = replace(source, fingerprint=former)
            names = (self._first_names[job.node], *names)
        for name in names:
            yield name, fingerprint(name, job.request, source)

    def made_as(self, job: Job, found: Fingerprint) -> None:
        """The job was made with this fingerprint."""
        self._made_as[job.fingerprint] = found
