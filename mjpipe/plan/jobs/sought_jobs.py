"""A few jobs by their keys: which nodes and rows may lead to them, so that nothing else has to be rendered."""

from collections.abc import Collection, Iterable, Mapping

from mjpipe.domain import JobKey
from mjpipe.manifest import Manifest
from mjpipe.plan.safe_names import key_part


class SoughtJobs:
    """Begins with the keys that are sought; `found` takes those away that were planned."""

    def __init__(self, keys: Collection[JobKey], manifest: Manifest) -> None:
        self._left = set(keys)
        parts = [key.partition("/") for key in keys]
        named = {key_part(name): name for name in manifest.nodes}
        self._rests = tuple({rest for _, _, rest in parts})
        self._nodes = _with_sources({named[node] for node, _, _ in parts if node in named}, manifest)

    @property
    def all_found(self) -> bool:
        return not self._left

    def found(self, key: JobKey) -> None:
        self._left.discard(key)

    def concerns(self, node: str) -> bool:
        """Whether one of the jobs may be of that node, or follow from one of its jobs."""
        return node in self._nodes

    def concerns_row(self, row_key: str) -> bool:
        """Whether a row with that key, which may be the first part of a row's key, may lead to one of the jobs.

        The key of a job begins with its node and the key of its row.
        """
        return not row_key or any(rest == row_key or rest.startswith(f"{row_key}/") for rest in self._rests)


def _with_sources(nodes: Iterable[str], manifest: Manifest) -> frozenset[str]:
    sources: Mapping[str, tuple[str, ...]] = {node.name: tuple(node.sources) for node in manifest.nodes.values()}
    found: set[str] = set()
    new = {*nodes}
    while new:
        found |= new
        new = {source for node in new for source in sources.get(node, ())} - found
    return frozenset(found)
