"""Requests that older releases sent in another form: their jobs get the form of today, so that nothing is paid again.

A fingerprint hashes the request. A release that sends the same thing in another form would take every job on record for
a new one. What was sent stays on record as it was, in the attempt.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any, TypeAlias

from mjpipe.contract import REFERENCE_FIELDS, urls_at_commas, version_sent
from mjpipe.domain import Fingerprint, JobKey, Json, JsonObject, Source, fingerprint, in_plain_form

Form: TypeAlias = Callable[[JsonObject], JsonObject]


def _version_without_v(request: JsonObject) -> JsonObject:
    version = request.get("version")
    return {**request, "version": version_sent(version)} if isinstance(version, str) else request


def _urls_apart(request: JsonObject) -> JsonObject:
    """`https://a.example/1,https://a.example/2` was sent as one URL."""
    lists = {name: urls for name in REFERENCE_FIELDS if isinstance(urls := request.get(name), list)}
    return {**request, **{name: [one for url in urls for one in _apart(url)] for name, urls in lists.items()}}


def _apart(url: Json) -> list[Json]:
    return [*urls_at_commas(url)] if isinstance(url, str) else [url]


def _texts_in_plain_form(request: JsonObject) -> JsonObject:
    return {name: in_plain_form(value) for name, value in request.items()}


FORMS: tuple[tuple[int, Form], ...] = (
    (3, _version_without_v),
    (6, _urls_apart),
    (6, _texts_in_plain_form),
)
"""Each form with the format of the ledger that began it. A new rule about requests adds a line."""

_JOB = """
SELECT j.node, j.fingerprint, j.request, j.source, j.source_number, s.fingerprint
FROM jobs j LEFT JOIN jobs s ON s.id = j.source WHERE j.id = ?
"""

_SAME_NAME = """
SELECT o.id FROM jobs j JOIN jobs o ON o.key = j.key AND o.fingerprint = ? AND o.id <> j.id
    AND coalesce(o.source, 0) = coalesce(j.source, 0) AND coalesce(o.made_of, 0) = coalesce(j.made_of, 0)
WHERE j.id = ?
"""

_BEST = """
SELECT id FROM jobs WHERE id IN (?, ?)
ORDER BY CASE WHEN state IN ('done', 'succeeded') OR reroll_of IS NOT NULL THEN 0
              WHEN state IN ('submitted', 'submitting') THEN 1 WHEN state = 'in_doubt' THEN 2 ELSE 3 END,
         wanted DESC, id
"""


def bring_forms_up_to_date(connection: sqlite3.Connection, since: int) -> None:
    """Gives the jobs of a ledger that had format `since` the forms of today, inside the caller's transaction.

    A fingerprint contains that of the source, so the jobs that follow from a changed one change as well. A job with a
    fingerprint that is not the hash of what is on record is left alone: a new one would be a guess.

    Receipts then say other fingerprints: whoever writes them next looks for what is missing.
    """
    forms = [form for format_, form in FORMS if format_ > since]
    names = {
        name.removeprefix("node "): first
        for name, first in connection.execute("SELECT name, value FROM bindings WHERE name LIKE 'node %'")
    }
    before: dict[int, str] = {}
    """The fingerprints that were replaced."""
    for job in list(_affected(connection, forms)):
        row = connection.execute(_JOB, (job,)).fetchone()
        node, old, text, source, number, present = row
        request = json.loads(text)
        of_old = None if source is None else _source(before.get(source, present), number)
        name = next((n for n in _names(node, names) if fingerprint(n, request, of_old) == old), None)
        if name is None:
            continue
        after = _in_form(request, forms)
        new = fingerprint(name, after, None if source is None else _source(present, number))
        if new != old and _takes(connection, job, old, new):
            before[job] = old
            words = json.dumps(after, ensure_ascii=False, separators=(",", ":"))
            connection.execute("UPDATE jobs SET fingerprint = ?, request = ? WHERE id = ?", (new, words, job))
    if before:
        connection.execute("DELETE FROM bindings WHERE name = 'receipts_agree'")


def _affected(connection: sqlite3.Connection, forms: list[Form]) -> Iterator[int]:
    """Jobs with requests that have another form now, and all that follow from them, sources first."""
    found: set[int] = set()
    for job, request, source in connection.execute("SELECT id, request, source FROM jobs ORDER BY depth, id"):
        if source not in found:
            as_it_was = json.loads(request)
            if _in_form(as_it_was, forms) == as_it_was:
                continue
        found.add(job)
        yield job


def _in_form(request: JsonObject, forms: list[Form]) -> JsonObject:
    return reduce(lambda so_far, form: form(so_far), forms, request)


def _source(of: str, number: int | None) -> Source:
    return Source(key=JobKey(""), fingerprint=Fingerprint(of), number=number)


def _names(node: str, first: Mapping[str, str]) -> Iterator[str]:
    """Names that a node may have had when the job was first planned, the likeliest first."""
    yield first.get(node, node)
    yield node
    yield from first.values()


def _takes(connection: sqlite3.Connection, job: int, old: str, new: str) -> bool:
    """Whether a job gets the fingerprint `new`. When both forms were made, another job of its name may have it already:
    then the one with the paid result gets it, and the other has, or gets, the old one.
    """
    other: tuple[Any, ...] | None = connection.execute(_SAME_NAME, (new, job)).fetchone()
    if other is None:
        return True
    (best,) = connection.execute(_BEST, (job, other[0])).fetchone()
    if best != job:
        return False
    connection.execute("UPDATE jobs SET fingerprint = ? WHERE id = ?", (f"{old} of {job}", job))
    connection.execute("UPDATE jobs SET fingerprint = ? WHERE id = ?", (old, other[0]))
    return True
