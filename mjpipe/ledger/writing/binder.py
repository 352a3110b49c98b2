"""Ties a state to what it belongs to."""

import os

from mjpipe.domain import JobKey, TaskId, micros
from mjpipe.ledger.database import LedgerConnection, transaction
from mjpipe.ledger.reading import Bindings
from mjpipe.ledger.values import BegunPlan, NewBindings


class Binder:
    """Ties a state to its manifest, nodes and outputs with its first intent, and to the rest at once.

    A run that sends nothing leaves the state free for another manifest.
    """

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection
        self._bindings = Bindings(connection)
        self._deferred: dict[str, str] = {}

    def manifest(self, path: str) -> None:
        """Ties the state to a manifest, by its path from the state's folder."""
        if self._bindings.get("manifest") != path:
            self._write_once_sent("manifest", path)

    def node(self, node: str, first: str) -> None:
        """Remembers the name under which the jobs of a node were first made. Its own name: somebody has said that it is
        a new node.
        """
        if self._bindings.get(f"node {node}") != first:
            self._write_once_sent(f"node {node}", first)

    def outputs(self, folder: str) -> None:
        """All images on disk are in this output folder, or were when they were last looked for."""
        if self._bindings.get("outputs") != folder:
            self._write_once_sent("outputs", folder)

    def used_at(self, folder: str) -> None:
        """The absolute path of the state's folder, from the next intent on."""
        self._deferred["used_at"] = folder

    def become_own(self, folder: str) -> None:
        """The copy of a state becomes a state of its own: it has a new id, and is used in this folder."""
        with transaction(self._connection):
            self.write("name", os.urandom(6).hex())
            self.write("used_at", folder)

    def pick(self, key: JobKey, node: str, words: str, task: TaskId) -> None:
        """Remembers that a line of the picks file, known by its key, a node and words, is about that task."""
        with transaction(self._connection):
            self._connection.execute("INSERT INTO picks VALUES (?, ?, ?, ?)", (key, node, words, task))

    def all(self, new: NewBindings) -> None:
        """What a plan has found out about names of nodes and lines of the picks file."""
        with transaction(self._connection):
            for node, first in new.nodes.items():
                self.node(node, first)
            for words, task in new.picks.items():
                self.pick(*words, task)

    def begin_plan(self, begun: BegunPlan) -> None:
        """A saved plan is carried out, by this run and others, until something else is run."""
        self.write("begun_plan", f"{begun.plan} {micros(begun.cap.usd)} {begun.cap.unpriced}")

    def leave_plan(self) -> None:
        """Something else is run than the saved plan that was begun."""
        if self._bindings.get("begun_plan") is not None:
            with transaction(self._connection):
                self._connection.execute("DELETE FROM bindings WHERE name = 'begun_plan'")

    def wait_until(self, moment: float) -> None:
        """The service asked not to be sent submissions until then, in seconds since the epoch."""
        if moment > float(self._bindings.get("wait_until") or 0.0):
            with transaction(self._connection):
                self.write("wait_until", str(moment))
                self.write("wait_after", str(self._connection.value("SELECT max(id) FROM attempts") or 0))

    def wait_no_longer(self, accepted: int) -> None:
        """The service has accepted an attempt: it is open again if that was intended after it asked to wait."""
        if accepted > int(self._bindings.get("wait_after") or 0):
            self._connection.execute("DELETE FROM bindings WHERE name IN ('wait_until', 'wait_after')")

    def service(self, host: str, speed_up: float) -> None:
        """Tasks of this state live at that host, from the first one on."""
        if self._bindings.get("speed_up") != str(speed_up):
            self.write("speed_up", str(speed_up))
        self._connection.execute("INSERT OR IGNORE INTO bindings VALUES ('host', ?)", (host,))

    def write_deferred(self) -> None:
        """Something is sent: the state is tied. What is on record already is not written again."""
        for name, value in self._deferred.items():
            if self._bindings.get(name) != value:
                self.write(name, value)

    def write(self, name: str, value: str) -> None:
        """Writes a binding at once."""
        with transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO bindings VALUES (?, ?)", (name, value))

    def _write_once_sent(self, name: str, value: str) -> None:
        if self._bindings.has_sent():
            self._deferred.pop(name, None)
            self.write(name, value)
        else:
            self._deferred[name] = value
