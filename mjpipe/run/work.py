"""What there is to do for a run, decided before it has a client: when nobody has to be asked, it needs none."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from mjpipe.files import make_folders, state_faults
from mjpipe.ledger import InFlight, Ledger
from mjpipe.run.images.reconciling import reconcile_images
from mjpipe.run.progress import Progress
from mjpipe.run.releasing import release_waiting
from mjpipe.run.run_settings import RunSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`in_flight` are tasks to ask for, `to_fetch` attempts with images that are not on disk, `ready` counts jobs to
    submit. `is_held_up` says that the service asked to wait. `offers_unknown` are nodes for which the service did not
    say which follow-ups it offers.
    """

    in_flight: Sequence[InFlight]
    to_fetch: Sequence[int]
    ready: int
    is_held_up: bool
    offers_unknown: frozenset[str]

    @property
    def needs_nobody(self) -> bool:
        """Whether there is nobody to ask, and nothing to say."""
        return not (self.in_flight or self.to_fetch or self.ready or self.is_held_up or self.offers_unknown)


@contextmanager
def begin_work(ledger: Ledger, settings: RunSettings, progress: Progress, *, now: float) -> Iterator[Work]:
    """The work that the plan and earlier runs have left, for the block to do. `now` is in seconds since the epoch.

    First the images on disk are checked and moved to their current paths, what a killed run was submitting becomes in
    doubt, and jobs whose source has a result are released. Raises StateFault when the disk fails.
    """
    with _folders(settings):
        with state_faults(settings.incoming):
            reconcile_images(ledger, settings, progress)
        with ledger.transaction():
            ledger.submissions.begin_run(now)
            released = release_waiting(ledger)
        yield Work(
            in_flight=ledger.submissions.in_flight(),
            to_fetch=[*ledger.images.to_fetch()],
            ready=ledger.queue.size(),
            is_held_up=not settings.now and ledger.bindings.wait_until(now) is not None,
            offers_unknown=released.offers_unknown,
        )


@contextmanager
def _folders(settings: RunSettings) -> Iterator[None]:
    """The folders that only a run has, empty at first: a killed run may have left half an image in them."""
    with state_faults(settings.incoming):
        shutil.rmtree(settings.incoming, ignore_errors=True)
        make_folders(settings.incoming)
    try:
        yield
    finally:
        shutil.rmtree(settings.incoming, ignore_errors=True)
        for folder in (settings.moving, settings.workshop):
            with suppress(OSError):  # somebody's images stand there
                folder.rmdir()
