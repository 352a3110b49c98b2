"""Taking over picks that a person makes while a run goes on."""

from collections import deque
from dataclasses import replace

from mjpipe.cli.campaign import Campaign
from mjpipe.ledger import InputCopies, Ledger
from mjpipe.plan import read_picks


class Replanning:
    """Looks whether the picks file has changed; if so, adopts the plan anew, from the inputs as this run read them.

    A picks file with a mistake changes nothing: the next run reports it.
    """

    def __init__(self, campaign: Campaign, copies: InputCopies) -> None:
        self._campaign = campaign
        self._copies = copies
        self._stamp = self._present()

    def __call__(self, ledger: Ledger) -> bool:
        stamp = self._present()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        picks, mistakes = read_picks(self._campaign.manifest.picks, shown=self._campaign.manifest.picks.name)
        if mistakes:
            return False
        campaign = replace(self._campaign, picks=picks)
        deque(ledger.adopt(campaign.jobs(ledger, self._copies, binding=ledger, warn=lambda _: None)), maxlen=0)
        return True

    def _present(self) -> tuple[int, int] | None:
        try:
            found = self._campaign.manifest.picks.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size
