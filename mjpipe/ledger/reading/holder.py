"""Which process holds a state, for those who may not have it meanwhile."""

import time
from dataclasses import dataclass
from typing import NamedTuple

from mjpipe.domain import Locked
from mjpipe.ledger.database import LedgerConnection
from mjpipe.ledger.processes import Process, may_live, started_of

_HELP = "wait for it to end, look at it with `mjpipe status M`, or stop it with Ctrl-C in its terminal"
_HELP_WHILE_ASKING = "answer it there, or stop it with Ctrl-C"


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
        return f"process {self.pid} on {self.host}, since {_moment(self.since)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentHolder:
    """A holder that lives, as far as can be found out. `asking_since` is since when it waits for a person's yes at its
    terminal, in seconds since the epoch; None when it does not.
    """

    holder: Holder
    asking_since: float | None = None

    @property
    def doing(self) -> str:
        """`another run waits for a yes at its terminal: process 4711 on studio, since 2026-11-27 09:30:00`"""
        if self.asking_since is None:
            return f"another run holds this campaign: {self.holder.named}"
        named = f"process {self.holder.pid} on {self.holder.host}, since {_moment(self.asking_since)}"
        return f"another run waits for a yes at its terminal: {named}"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def holder_of(connection: LedgerConnection) -> Holder | None:
    """The holder on record, which may be gone; None when there is none."""
    statement = "SELECT token, host, boot, pid, started, since, renewed FROM holder"
    return next(connection.rows(Holder, statement), None)


def locked_by(present: PresentHolder | None) -> Locked:
    """The fault for everybody else; None when it cannot be found out who the holder is."""
    if present is None:
        return Locked("another run holds this campaign: another process", help=_HELP)
    return Locked(present.doing, help=_HELP if present.asking_since is None else _HELP_WHILE_ASKING)
