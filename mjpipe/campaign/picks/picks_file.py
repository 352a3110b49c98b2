"""Writing into the picks file, which people, git and other campaigns may change at the same time."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.domain import InvalidManifest, JobKey, StateFault, TaskId, UsageFault
from mjpipe.files import make_folders, make_private_file, replacing
from mjpipe.plan import Pick, Picks, content_of_picks, read_picks, with_tasks

TRIES = 10
"""How often a change of somebody else is read again before a new line is written."""

Words = tuple[JobKey, str, str]
"""Identifies a line without a task; see `Binder.pick`."""

UNCHANGED = "the picks are as they were: pick again"


class _ChangedMeanwhile(Exception):
    """The file is no longer the one that was read."""


def change_picks(campaign: Campaign, change: Callable[[Picks], bytes | None]) -> Picks:
    """Replaces the picks file with the result of `change` for the present one; None leaves it as it is. Returns the
    picks that `change` saw last.

    A change that somebody else makes meanwhile is kept: then `change` is asked again. Raises InvalidManifest for a file
    with mistakes, and StateFault for one that cannot be written.
    """
    path = campaign.manifest.picks
    with _locked(campaign):
        for _ in range(TRIES):
            picks, mistakes = read_picks(path, shown=campaign.picks_shown)
            if mistakes:
                raise InvalidManifest(mistakes)
            content = change(picks)
            if content is None:
                return picks
            try:
                with replacing(path, then=UNCHANGED, last_look=partial(_refuse_changes, campaign, picks)) as file:
                    file.buffer.write(content)
            except _ChangedMeanwhile:
                continue
            return picks
    raise UsageFault(f"`{campaign.picks_shown}` changes all the time", help="pick again when nothing else writes it")


def _refuse_changes(campaign: Campaign, picks: Picks) -> None:
    """Raises _ChangedMeanwhile when the file is no longer as these picks were read."""
    if content_of_picks(campaign.manifest.picks) != picks.content:
        raise _ChangedMeanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What became of the lines that a plan has bound to tasks. `content` is that of the file from which the plan could
    have been made: the file as it is now, unless it was changed meanwhile. `fault` says why nothing could be written.
    `taken` are lines that name another task by now, because another campaign was first.
    """

    content: bytes | None
    fault: StateFault | None = None
    taken: tuple[Pick, ...] = ()


def claim_lines(
    campaign: Campaign, planned_from: bytes | None, new: Mapping[Words, TaskId], on_record: Mapping[Words, TaskId]
) -> Claim:
    """Writes into each line of the picks file that names no task the task that it is bound to: then a clone or another
    manifest that reads the file does not act on it for its own images. `new` are the lines that this plan has bound.
    """
    if all(line.task for line in campaign.picks.lines):
        return Claim(content=planned_from)
    tasks = {**on_record, **new}
    written: bytes | None = None
    taken: tuple[Pick, ...] = ()

    def fill(picks: Picks) -> bytes | None:
        nonlocal written, taken
        if picks.content != planned_from:
            taken = tuple(_taken(picks, new))
        written = None if taken else with_bound_tasks(picks, tasks)
        return written

    try:
        seen = change_picks(campaign, fill)
    except StateFault as fault:
        return Claim(content=planned_from, fault=fault, taken=taken)
    except (InvalidManifest, UsageFault):  # whoever reads the file next reports it
        return Claim(content=planned_from)
    return Claim(content=written or planned_from if seen.content == planned_from else planned_from, taken=taken)


def with_bound_tasks(picks: Picks, tasks: Mapping[Words, TaskId]) -> bytes | None:
    """The file with the tasks of lines that name none; None where there is nothing to write."""
    return with_tasks(picks, lambda line: tasks.get((line.key, line.node, line.words)))


def _taken(picks: Picks, new: Mapping[Words, TaskId]) -> Iterator[Pick]:
    free = {(line.key, line.node, line.words) for line in picks.lines if line.task is None}
    ours = {(line.key, line.node, line.words, line.task) for line in picks.lines}
    for line in picks.lines:
        words = line.key, line.node, line.words
        if words in new and words not in free and (*words, new[words]) not in ours:
            yield line


@contextmanager
def _locked(campaign: Campaign) -> Iterator[None]:
    """Waits until no other process of ours writes the file, also one of another campaign that has the same."""
    with campaign.folder.picking(), _locked_for_all(Path(os.path.realpath(campaign.manifest.picks))):
        yield


@contextmanager
def _locked_for_all(picks: Path) -> Iterator[None]:
    """Where the file system has no locks, or the folder is not ours, whoever writes at the same time is seen anyway,
    nearly always.
    """
    from filelock import FileLock  # noqa: PLC0415 - loads asyncio, and a plan takes no lock

    lock = None
    try:
        folder = picks.parent / ".mjpipe"
        make_folders(folder, private=True)
        make_private_file(folder / f"{picks.name}.lock")
        lock = FileLock(folder / f"{picks.name}.lock")
        lock.acquire()
    except (OSError, NotImplementedError):
        lock = None
    try:
        yield
    finally:
        if lock is not None:
            lock.release()
