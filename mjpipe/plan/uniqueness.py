"""Finds repeated names among millions, in a few bytes for each."""

from array import array
from collections.abc import Iterable
from itertools import pairwise

_SHARDS = 256


class NameHashes:
    """Remembers a 64-bit hash of each name.

    Two names may have the same hash (for a million names the odds are one in thirty million), so check by name what
    `repeated` returns.
    """

    def __init__(self) -> None:
        self._shards = [array("q") for _ in range(_SHARDS)]
        self._appends = [shard.append for shard in self._shards]

    def add(self, *names: str) -> None:
        appends = self._appends
        for name in names:
            number = hash(name)
            appends[number % _SHARDS](number)

    def repeated(self) -> "RepeatedHashes":
        """The hashes that were added more than once; sorted piece by piece, so that memory stays flat."""
        found: set[int] = set()
        for shard in self._shards:
            if len(shard) != len(set(shard)):
                ordered = sorted(shard)
                found.update(one for one, following in pairwise(ordered) if one == following)
        return RepeatedHashes(found)


class RepeatedHashes:
    """Names that may have been seen twice."""

    def __init__(self, hashes: Iterable[int] = ()) -> None:
        self._hashes = frozenset(hashes)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def __contains__(self, name: str) -> bool:
        return hash(name) in self._hashes
