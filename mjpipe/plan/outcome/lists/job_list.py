"""The jobs of a plan one by one, for `plan --jobs`: kept in a file while the plan is made, so that any number fits."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from tempfile import TemporaryFile
from typing import Any

from mjpipe.domain import Usd, decimal_text, usd


class ListedAs(StrEnum):
    """The lists that a person can ask for. A job that is made, or in flight, is in none of them."""

    NEW = "new"
    CHANGED = "changed"
    """to be made again: changed, rerolled or retried"""
    ORPHANS = "orphans"
    WAITING = "waiting"
    """for picks, or for a job that the run will not make"""
    FAILED = "failed"
    """or skipped, or in doubt"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A param of a request, as text; None where it was, or is, not given."""

    param: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedJob:
    """`why` is why it would be made, or is not. `price` is what it would cost, or of an orphan what it did; None
    without a documented price. A job that waits for picks costs nothing itself, and picks could bring jobs for
    `up_to`. `code` groups failures.
    """

    key: str
    node: str
    listed_as: ListedAs
    state: str
    why: str
    price: Usd | None
    up_to: Usd | None = None
    code: str | None = None
    changes: Sequence[Change] = ()

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "key": self.key,
            "node": self.node,
            "list": self.listed_as.value,
            "state": self.state,
            "why": self.why,
            "usd": None if self.price is None else decimal_text(self.price),
        }
        if self.up_to is not None:
            document["up_to_usd"] = decimal_text(self.up_to)
        if self.code is not None:
            document["code"] = self.code
        if self.changes:
            document["changes"] = [
                {"param": change.param, "before": change.before, "after": change.after} for change in self.changes
            ]
        return document

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "ListedJob":
        return cls(
            key=document["key"],
            node=document["node"],
            listed_as=ListedAs(document["list"]),
            state=document["state"],
            why=document["why"],
            price=None if document["usd"] is None else usd(document["usd"]),
            up_to=None if "up_to_usd" not in document else usd(document["up_to_usd"]),
            code=document.get("code"),
            changes=tuple(Change(**change) for change in document.get("changes", ())),
        )


class JobList:
    """Jobs in the order in which they were added, those of one list alone if `only` names it. Close it in the end."""

    def __init__(self, only: ListedAs | None = None) -> None:
        self.only = only
        self.counts: Counter[ListedAs] = Counter()
        self.widest_key = 0
        self._file = TemporaryFile("w+", encoding="utf-8", errors="surrogatepass")  # noqa: SIM115 - `close` does it

    def clear(self) -> None:
        """Forgets what was added."""
        self.counts.clear()
        self.widest_key = 0
        self._file.seek(0)
        self._file.truncate()

    def wants(self, listed_as: ListedAs) -> bool:
        return self.only in (None, listed_as)

    def add(self, job: ListedJob) -> None:
        self.counts[job.listed_as] += 1
        self.widest_key = max(self.widest_key, len(job.key))
        self._file.write(json.dumps(job.document()) + "\n")

    def __len__(self) -> int:
        return self.counts.total()

    def __iter__(self) -> Iterator[ListedJob]:
        return map(ListedJob.of_document, self.documents())

    def documents(self) -> Iterator[dict[str, Any]]:
        """Each job as JSON has it."""
        self._file.seek(0)
        return map(json.loads, self._file)

    def close(self) -> None:
        self._file.close()
