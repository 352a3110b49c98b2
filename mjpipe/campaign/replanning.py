"""Taking over picks that a person makes while a run goes on."""

from dataclasses import replace

from mjpipe.campaign.opened import Campaign
from mjpipe.ledger import InputCopies, Ledger
from mjpipe.plan import read_picks

_NEVER_LOOKED = object()


class Replanning:
    """Looks whether the picks file has changed; if so, adopts the plan again, from the inputs as this run read them.

    What counts as a change is another content than that which the campaign's plan was made from: the file may have
    changed between this plan and the run, while a person thought about it. A picks file with a mistake changes nothing:
    the next run reports it.
    """

    def __init__(self, campaign: Campaign, copies: InputCopies) -> None:
        self._campaign = campaign
        self._copies = copies
        self._content = campaign.picks.content
        self._stamp: object = _NEVER_LOOKED

    def is_due(self) -> bool:
        """Whether the picks are others than those of the plan."""
        picks, _ = read_picks(self._campaign.manifest.picks, shown=self._campaign.picks_shown)
        return picks.content != self._content

    def __call__(self, ledger: Ledger) -> bool:
        stamp = self._present()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        picks, mistakes = read_picks(self._campaign.manifest.picks, shown=self._campaign.picks_shown)
        if mistakes or picks.content == self._content:
            return False
        self._content = picks.content
        campaign = replace(self._campaign, picks=picks)
        with ledger.adopting() as adoption:
            expanded = campaign.expand(ledger, adoption.take, self._copies)
            adoption.finish()
            ledger.bind.all(expanded.bindings)
        return True

    def _present(self) -> tuple[int, int] | None:
        try:
            found = self._campaign.manifest.picks.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size
