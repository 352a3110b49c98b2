"""Under which names the jobs of nodes were first made: their fingerprints keep them."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from mjpipe.domain import Kind
from mjpipe.ledger import Reader
from mjpipe.manifest import Node


class FirstNames:
    """What the ledger knows of nodes and of the names that they had.

    Ask `of` before the plan is written to the ledger, and it goes on giving that answer: what was made for a node then
    gets the node's present name. With `recorded` and `made`, first names and nodes from outside of the ledger, it gives
    the answer that it will give once these are adopted.
    """

    def __init__(
        self, ledger: Reader, recorded: Mapping[str, str] | None = None, made: Collection[str] = frozenset()
    ) -> None:
        self._ledger = ledger
        self._recorded = recorded or {}
        self._made = made
        self._given: dict[tuple[str, tuple[str, ...] | None], str] = {}

    def of(self, node: str, was: tuple[str, ...] | None) -> str:
        """The first name of a node. `was` are names that it had, the latest first; None when it does not say.

        A name of which nothing is on record does not take from a node what was made for it.
        """
        asked = (node, was)
        if asked not in self._given:
            self._given[asked] = self._found(node, was)
        return self._given[asked]

    def of_nodes(self, nodes: Mapping[str, Node]) -> dict[str, str]:
        """The first name of each node of a manifest, by its present one."""
        return {name: self.of(name, node.was) for name, node in nodes.items()}

    def _found(self, node: str, was: tuple[str, ...] | None) -> str:
        own = self.recorded(node)
        if not was or self.remembers(node, was):
            return own
        known = next((name for name in was if self.knows(name)), None)
        if known is not None:
            return self.recorded(known)
        return own if self.knows(node) else was[0]

    def remembers(self, node: str, was: Sequence[str]) -> bool:
        """Whether what `was` says of a node is on record already."""
        return node in self._on_record and self._on_record[node] in map(self.recorded, was)

    def recorded(self, name: str) -> str:
        """The first name of the node that has, or had, this name; the name itself without a record."""
        return self._on_record.get(name, name)

    def said_to_be_new(self, node: str) -> bool:
        """Whether somebody has said `was: []`, in this plan or an earlier one."""
        return self._on_record.get(node) == node

    def knows(self, name: str) -> bool:
        """Whether a node of this name was renamed, or has made something that was paid for."""
        return name in self._on_record or name in self._on_record.values() or name in self._made or name in self.paid

    @cached_property
    def paid(self) -> dict[str, frozenset[Kind]]:
        """The names of all nodes of which something was paid for, also of those that are gone, and their kinds."""
        return self._ledger.paid_jobs.nodes()

    @cached_property
    def _on_record(self) -> dict[str, str]:
        return {**self._recorded, **self._ledger.bindings.first_names()}
