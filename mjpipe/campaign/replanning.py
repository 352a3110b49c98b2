"""Take over picks that a person makes while a run goes on."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial

from mjpipe.campaign.gate import RenamedNodes, passed
from mjpipe.campaign.opened import Campaign
from mjpipe.campaign.picks.picks_file import Words, claim_lines
from mjpipe.domain import InvalidManifest, TaskId, UsageFault, counted
from mjpipe.ledger import Applied, InputCopies, Ledger, NewBindings, Piece, PlanChanges, PlanWritten, Records
from mjpipe.plan import Picks, read_picks
from mjpipe.run import WriteBeside

PIECE = 100
"""Changes in one transaction: the record of a taskId waits for one such transaction at most."""

COARSE_TIME = 2.0
"""Seconds for which the time of a file may hide another change of it, on file systems that know no finer times."""


class Replanning:
    """If the picks file has changed, adopts the plan again, from the inputs as this run read them.

    The file's content is compared with the content that the plan was made from: it may have changed while a person
    thought about the plan. Raises, once for each content that cannot be used, InvalidManifest, and UsageFault for picks
    that bring what was paid for under another name of a node. Changes are written in transactions of `piece` changes.
    """

    def __init__(
        self,
        campaign: Campaign,
        copies: InputCopies,
        *,
        planned_from: bytes | None = None,
        piece: int = PIECE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`planned_from` is the content of the picks file that stands for the one that the plan was made from."""
        self._campaign = campaign
        self._copies = copies
        self._piece = piece
        self._clock = clock
        self._content = campaign.picks.content if planned_from is None else planned_from
        self._mistaken: bytes | None = None
        self._stamp: tuple[int, int] | None = None

    def is_due(self) -> bool:
        """Whether the picks differ from those of the plan."""
        picks, _ = read_picks(self._campaign.manifest.picks, shown=self._campaign.picks_shown)
        return picks.content != self._content

    def __call__(self, write: WriteBeside) -> bool:
        picks = self._changed_picks()
        if picks is None:
            return False
        campaign = replace(self._campaign, picks=picks)
        before: Piece = ()
        while conflicts := self._conflicts(campaign, write):
            # What the run has changed since has another revision. The same conflicts again would come for ever.
            if conflicts == before:
                raise UsageFault(f"the state does not take {counted(len(conflicts), 'change')} that they bring")
            before = conflicts
            write.go_on()
        return True

    def _changed_picks(self) -> Picks | None:
        """The picks; None if they are those of the current plan."""
        stamp = self._stamp_of_file()
        if stamp is not None and stamp == self._stamp:
            return None
        self._stamp = stamp
        picks, mistakes = read_picks(self._campaign.manifest.picks, shown=self._campaign.picks_shown)
        if mistakes:
            if picks.content == self._mistaken:  # None where the file cannot be read: the next look may
                return None
            self._mistaken = picks.content
            raise InvalidManifest(mistakes)
        self._mistaken = None
        if picks.content == self._content:
            return None
        self._content = picks.content
        return picks

    def _conflicts(self, campaign: Campaign, write: WriteBeside) -> Piece:
        """What could not be taken over, because the run has changed a job since the plan was made; nothing if all of
        the plan was.
        """
        changes, bindings, on_record = self._difference(campaign, write.go_on)
        claim = claim_lines(campaign, self._content, bindings.picks, on_record)
        if claim.taken:  # by another campaign: the next look reads what the file says now
            self._content = self._stamp = None
            return ()
        self._content = claim.content
        write(partial(_bind, bindings))
        applied = Applied()
        for stage in changes.stages(size=self._piece):
            written = [write(partial(Ledger.apply, piece=piece, applied=applied)) for piece in stage]
            if conflicts := tuple(change for part in written for change in part.conflicts):
                return conflicts
        return ()

    def _difference(
        self, campaign: Campaign, go_on: Callable[[], None]
    ) -> tuple[PlanChanges, NewBindings, dict[Words, TaskId]]:
        """The changes from the current ledger, read beside its writer, to the plan; what lines of the picks are bound
        to by it, and on record.
        """
        opened = closing(Records.open(campaign.folder.ledger))
        with opened as records, records.ledger.damage_explains_faults(), records.snapshot():
            renamed = RenamedNodes(campaign, records.ledger)
            adoption, changes = records.ledger.comparison()
            expanded = campaign.expand(
                records.ledger, lambda jobs: renamed.see(adoption.take(jobs)), self._copies, go_on
            )
            renamed.see(adoption.finish().late)
            passed([*renamed.findings()])
            return changes, expanded.bindings, records.ledger.tasks.of_picks()

    def _stamp_of_file(self) -> tuple[int, int] | None:
        """Shows whether the file is still the one that was read; None when only its content can show that."""
        try:
            found = self._campaign.manifest.picks.stat()
        except OSError:
            return None
        return None if self._clock() - found.st_mtime < COARSE_TIME else (found.st_mtime_ns, found.st_size)


def _bind(bindings: NewBindings, ledger: Ledger) -> PlanWritten:
    ledger.bind.all(bindings)
    return PlanWritten()
