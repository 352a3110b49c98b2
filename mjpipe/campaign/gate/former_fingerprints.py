"""Which fingerprints planned jobs had if their nodes had other names before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from mjpipe.domain import Fingerprint, Job, fingerprint, former_forms


class FormerFingerprints:
    """For one plan, whose jobs come after their sources. `first_names` are those of the plan's nodes; `names` gives the
    other ones that a node may have had. `with_forms`: what older releases sent is tried as well.

    `made_as` remembers what was found, so that what follows from a job is looked for as a follow-up of what was made.
    """

    def __init__(
        self, first_names: Mapping[str, str], names: Callable[[str], Sequence[str]], *, with_forms: bool = False
    ) -> None:
        self._with_forms = with_forms
        self._first_names = first_names
        self._names = names
        self._made_as: dict[Fingerprint, Fingerprint] = {}

    def of(self, job: Job) -> Iterator[tuple[str, Fingerprint]]:
        """Each name and the fingerprint under it, also in the forms that older releases sent. In today's form with the
        present name only if the source was made under another one: else it is the job's own fingerprint.
        """
        source = job.source
        names = self._names(job.node)
        former = self._made_as.get(source.fingerprint) if source is not None else None
        if source is not None and former is not None:
            source = replace(source, fingerprint=former)
            names = (self._first_names[job.node], *names)
        for name in names:
            yield name, fingerprint(name, job.request, source)
        if not self._with_forms:
            return
        present = self._first_names[job.node]
        for request in (*job.former_requests, *former_forms(job.request)):
            for name in dict.fromkeys((present, *names)):
                yield name, fingerprint(name, request, source)

    def made_as(self, job: Job, found: Fingerprint) -> None:
        """The job was made with this fingerprint."""
        self._made_as[job.fingerprint] = found
