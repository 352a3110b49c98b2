"""Which process holds a state, for those who may not have it meanwhile."""

import time
from typing import NamedTuple

from mjpipe.domain import Locked
from mjpipe.ledger.database import LedgerConnection
from mjpipe.ledger.processes import Process, may_live, started_of

_HELP = "wait for it to end, look at it with `mjpipe status M`, or stop it with Ctrl-C in its terminal"


class Holder(NamedTuple):
    """The row of the table `holder`. `since` and `renewed` are seconds since the epoch."""

    token: str
    host: str
    boot: str
    pid: int
    started: str
    since: float
    renewed: float

    @property
    def process(self) -> Process:
        return Process(host=self.host, boot=self.boot, pid=self.pid, started=self.started)

    def may_live(self, here: Process, now: float) -> bool:
        """Whether its process has to be taken for alive, as far as can be found out from here."""
        return may_live(self.process, here=here, started=started_of(self.pid), since_sign=now - self.renewed)

    @property
    def named(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"process {self.pid} on {self.host}, since {since}"


def holder_of(connection: LedgerConnection) -> Holder | None:
    """The holder on record, which may be gone; None when there is none."""
    statement = "SELECT token, host, boot, pid, started, since, renewed FROM holder"
    return next(connection.rows(Holder, statement), None)


def locked_by(holder: Holder | None) -> Locked:
    """The fault for everybody else; None when it cannot be found out who the holder is."""
    named = "another process" if holder is None else holder.named
    return Locked(f"another run holds this campaign: {named}", help=_HELP)
