"""Holding a state: what this process submits, it may submit only while the row of the holder is its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mjpipe.domain import Locked, StateFault
from mjpipe.files import state_faults
from mjpipe.ledger.database import LedgerConnection, Place, place_of, transaction
from mjpipe.ledger.processes import Process
from mjpipe.ledger.reading import PresentHolder, holder_of, locked_by


class Hold:
    """The hold of this process on the state, none at first. Who holds it has the lock file of the folder as well: this
    is for whom the lock file does not keep away, because it was removed, or is another on the host of the other.
    """

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection
        self._token: str | None = None
        self._place: Place | None = None

    @contextmanager
    def kept(self, me: Process, now: float) -> Iterator[None]:
        """Holds the state until the block ends. Raises Locked when another process holds it."""
        with transaction(self._connection):
            holder = holder_of(self._connection)
            if holder is not None and holder.may_live(me, now):
                raise locked_by(PresentHolder(holder=holder))
            token = os.urandom(16).hex()
            row = (token, me.host, me.boot, me.pid, me.started, now, now)
            self._connection.execute("INSERT OR REPLACE INTO holder VALUES (1, ?, ?, ?, ?, ?, ?, ?)", row)
        with state_faults(self._connection.named):
            self._place = place_of(self._connection)
        self._token = token
        try:
            yield
        finally:
            with suppress(StateFault):  # what stays names a process that will be gone
                self._connection.execute("DELETE FROM holder WHERE token = ?", (token,))
            self._token = self._place = None

    def renew(self, now: float) -> None:
        """A sign of life, for other hosts. Raises Locked when the state is held by another process now."""
        if self._token is None:
            return
        values = (now, self._token)
        if not self._connection.execute("UPDATE holder SET renewed = ? WHERE token = ?", values).rowcount:
            raise self._lost()

    def check(self) -> None:
        """Raises Locked when the state is held by another process now, and StateMoved when it is no longer where it
        was. Whoever never held it has nothing to lose: that is a copy, or a test's.
        """
        self.check_place()
        if self._token is None:
            return
        if self._connection.value("SELECT token FROM holder") != self._token:
            raise self._lost()

    def check_place(self) -> None:
        """Raises StateMoved when the state was moved, removed or replaced since it was taken."""
        if self._place is not None:
            self._place.check()

    def _lost(self) -> Locked:
        other = holder_of(self._connection)
        by = "another run has taken over this campaign" if other is None else f"this campaign is held by {other.named}"
        return Locked(
            f"{by}: nothing more is submitted here",
            help="`mjpipe status M` shows where it stands, and `mjpipe run M` carries on when the other run has ended",
        )
