"""Gathers what receipts, the output folder and the picks say of attempts that a ledger does not know."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mjpipe.campaign.evidence.former_receipts import former_receipts
from mjpipe.campaign.evidence.picked_tasks import unknown_picks
from mjpipe.campaign.opened import Campaign, FirstNames
from mjpipe.campaign.outputs import marked_by
from mjpipe.domain import JobKey, TaskId
from mjpipe.files import state_faults
from mjpipe.ledger import Reader
from mjpipe.ledger.receipts import Receipts, RecordedAttempt, RecoveredFrom, SeenFile, changed, seen_now

if TYPE_CHECKING:
    from mjpipe.campaign.evidence.assets import InAssets

_NOTHING = Receipts(attempts=(), first_names={}, picked={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a ledger does not know, of one host. Each task is in it once: receipts come before assets, these before
    picks.

    `attempts` are the campaign's own, or nobody says whose; `of_others` those of campaigns with other names; of
    `set_aside` a person has said to pay again. `first_names` are the names under which the jobs of nodes were first
    made, `names_of_others` the same in other campaigns. `picked` are the tasks of lines of the picks, as `Binder.pick`
    identifies them.

    `receipts` are the folders of receipts that say something of it; `in_assets` are the tasks of each `assets.jsonl`
    that the ledger does not know, with that file.

    `unknown` are all of them, unpaid ones too. `files` are those of the receipts folder, None when they had not
    changed, and were not read.
    """

    attempts: tuple[RecordedAttempt, ...] = ()
    of_others: tuple[RecordedAttempt, ...] = ()
    set_aside: tuple[RecordedAttempt, ...] = ()
    first_names: Mapping[str, str] = field(default_factory=dict)
    names_of_others: Mapping[str, str] = field(default_factory=dict)
    picked: Mapping[tuple[JobKey, str, str], TaskId] = field(default_factory=dict)
    receipts: tuple[Path, ...] = ()
    in_assets: Mapping[TaskId, Path] = field(default_factory=dict)
    unknown: tuple[RecordedAttempt, ...] = field(default=(), repr=False)
    files: tuple[SeenFile, ...] | None = None

    def seen_by(self, ledger: Reader) -> tuple[SeenFile, ...] | None:
        """The files that were read, and that say nothing (any more) that this ledger does not know; else None."""
        if self.files is None or ledger.tasks.unknown_attempts(self.unknown):
            return None
        return self.files

    @property
    def placed(self) -> Mapping[str, str]:
        """The hashes of images that were brought to the output folder, by their paths below it."""
        attempts = (*self.set_aside, *self.of_others, *self.attempts)
        return {image.path: image.sha256 for attempt in attempts for image in attempt.images}


def gather(campaign: Campaign, ledger: Reader, host: str, *, with_requests: bool = False) -> Evidence:
    """All that is known beside this ledger about tasks at `host`.

    Files that are as the ledger left them are not read. Where nothing was ever sent, the state may be lost: then
    receipts and images count as well that the manifest has left in other places before. `with_requests` keeps what was
    sent, where that is on record: it takes a kilobyte for each attempt. Raises StateFault for damaged receipts, and
    when the disk refuses.
    """
    receipts = _ReceiptsBeside(campaign, ledger, host)
    said = receipts.said if receipts.have_changed else _NOTHING
    assets: list[RecordedAttempt] = []
    in_assets: dict[TaskId, Path] = {}
    for path in _changed_assets(campaign, ledger):
        listed = _in_assets(path, campaign, ledger, with_requests=with_requests)
        assets += listed.attempts
        in_assets |= dict.fromkeys(listed.tasks, path)
    picks = unknown_picks(campaign, ledger, {attempt.task for attempt in (*said.attempts, *assets)})
    if assets or picks:
        said = receipts.said  # they say what was set aside, and what belongs to another host
    said = _together([said, *receipts.former.values()])
    at_host = [attempt for attempt in said.attempts if attempt.host in (None, host)]
    elsewhere = {attempt.task for attempt in said.attempts if attempt.host not in (None, host)}
    beside = [
        attempt
        for attempt in (*assets, *picks)
        if attempt.host == host or (attempt.host is None and attempt.task not in elsewhere)
    ]
    found = _of_one_key(_once([*at_host, *beside]))
    unknown = ledger.tasks.unknown_attempts(found)
    names = campaign.names
    paid = [attempt for attempt in unknown if attempt.may_be_paid and not attempt.set_aside]
    of_others = tuple(attempt for attempt in paid if not (attempt.campaign is None or attempt.campaign in names))
    own = tuple(attempt for attempt in paid if attempt.campaign is None or attempt.campaign in names)
    return Evidence(
        attempts=own,
        of_others=of_others,
        set_aside=tuple(attempt for attempt in unknown if attempt.set_aside),
        first_names={**_first_names(own), **said.first_names},
        names_of_others={**_first_names(of_others), **receipts.names_of(of_others)},
        picked=said.picked,
        receipts=receipts.folders if RecoveredFrom.RECEIPTS in {attempt.found_in for attempt in unknown} else (),
        in_assets=in_assets,
        unknown=tuple(unknown),
        files=receipts.seen if receipts.have_changed else None,
    )


def _together(said: Sequence[Receipts]) -> Receipts:
    """Where they say different things, the first counts."""
    backwards = said[::-1]
    return Receipts(
        attempts=tuple(attempt for receipts in said for attempt in receipts.attempts),
        first_names={node: first for receipts in backwards for node, first in receipts.first_names.items()},
        picked={line: task for receipts in backwards for line, task in receipts.picked.items()},
    )


def _first_names(attempts: Iterable[RecordedAttempt]) -> Mapping[str, str]:
    """Of nodes that were renamed, as far as the attempts say so themselves."""
    return {attempt.node: attempt.first_node for attempt in attempts if attempt.first_node not in (None, attempt.node)}


def _changed_assets(campaign: Campaign, ledger: Reader) -> Iterator[Path]:
    """In the output folder, and in folders that the manifest has marked under other names of its campaign; before
    anything was sent, also under this one.
    """
    manifest, is_new = campaign.manifest, not ledger.bindings.has_sent()
    others = (
        folder
        for folder, owner in marked_by(manifest, sandbox=campaign.sandbox)
        if (is_new or owner.campaign not in campaign.names) and folder != manifest.outputs.dir.absolute()
    )
    for outputs in (manifest.outputs.dir, *others):
        with state_faults(outputs):
            if not outputs.exists():
                continue
        from mjpipe.report import changed_records  # noqa: PLC0415 - a plan before the first run needs no reports

        if (path := changed_records(outputs, ledger)) is not None:
            yield path


def _in_assets(path: Path, campaign: Campaign, ledger: Reader, *, with_requests: bool) -> "InAssets":
    from mjpipe.campaign.evidence.assets import attempts_in_assets  # noqa: PLC0415 - as above

    first_names = FirstNames(ledger).of_nodes(campaign.manifest.nodes)
    return attempts_in_assets(path, ledger, first_names, with_requests=with_requests)


class _ReceiptsBeside:
    """The receipts of a campaign. They are read once, and only if somebody asks."""

    def __init__(self, campaign: Campaign, ledger: Reader, host: str) -> None:
        self._campaign = campaign
        self._host = host
        self._folder = campaign.receipts
        self._ledger = ledger

    @cached_property
    def have_changed(self) -> bool:
        return self._folder is not None and changed(self._folder, self._ledger.receipt_files.seen())

    @cached_property
    def seen(self) -> tuple[SeenFile, ...]:
        """The files before they are read: what is added meanwhile shows later."""
        return () if self._folder is None else seen_now(self._folder)

    @cached_property
    def former(self) -> Mapping[Path, Receipts]:
        """What other folders say, if nothing was ever sent."""
        if self._campaign.sandbox or self._ledger.bindings.has_sent():
            return {}
        folders = former_receipts(self._campaign)
        said = ((folder, self._read(folder, (), self._campaign.names)) for folder in folders)
        return {folder: receipts for folder, receipts in said if receipts.attempts}

    @property
    def folders(self) -> tuple[Path, ...]:
        """Those that say something of attempts."""
        own = (self._folder,) if self._folder is not None and self.said.attempts else ()
        return (*own, *self.former)

    @cached_property
    def said(self) -> Receipts:
        if self._folder is None:
            return _NOTHING
        if self.have_changed:
            _ = self.seen
        return self._read(self._folder, self._ledger.tasks.settled(), self._campaign.names)

    def names_of(self, others: Sequence[RecordedAttempt]) -> Mapping[str, str]:
        """The first names of the nodes of other campaigns."""
        campaigns = {attempt.campaign for attempt in others if attempt.campaign is not None}
        if self._folder is None or not campaigns:
            return {}
        known = self._ledger.tasks.settled().union(attempt.uid for attempt in self.said.attempts if attempt.uid)
        return self._read(self._folder, known, campaigns).first_names

    def _read(self, folder: Path, known: Collection[str], campaigns: Collection[str]) -> Receipts:
        from mjpipe.ledger.receipts.reading import read_receipts  # noqa: PLC0415 - slow to import, seldom needed

        return read_receipts(folder, known, host=self._host, campaigns=campaigns)


def _once(attempts: Iterable[RecordedAttempt]) -> list[RecordedAttempt]:
    """Each task and each attempt once: the first counts, and takes from a later one what it does not say itself."""
    found: list[RecordedAttempt] = []
    places: dict[str, int] = {}
    for attempt in attempts:
        names = [name for name in (attempt.task and f"task {attempt.task}", attempt.uid) if name is not None]
        assert names, "an attempt has a name in receipts, or its task"
        place = next((places[name] for name in names if name in places), None)
        if place is None:
            place = len(found)
            found.append(attempt)
        else:
            found[place] = _both(found[place], attempt)
        places |= dict.fromkeys(names, place)
    return found


def _of_one_key(attempts: list[RecordedAttempt]) -> list[RecordedAttempt]:
    """The tasks of a job that was rerolled have the key, node and fingerprint of its last reroll: only what was placed
    since is on record under those that the job got later, and each would be a job of its own.
    """
    rerolled = {attempt.task: place for place, attempt in enumerate(attempts) if attempt.task is not None}
    found = [*attempts]
    for place in sorted(range(len(found)), key=lambda place: found[place].intended, reverse=True):
        last = found[place]
        of = None if last.rerolls is None else rerolled.get(last.rerolls)
        if of is not None and last.fingerprint is not None:
            found[of] = replace(found[of], key=last.key, node=last.node, fingerprint=last.fingerprint)
    return found


def _both(first: RecordedAttempt, later: RecordedAttempt) -> RecordedAttempt:
    if first.task is None and later.task is not None:  # its answer is not in the receipts that are left
        first = replace(
            first,
            found_in=later.found_in,
            task=later.task,
            outcome=later.outcome,
            money=later.money,
            answered=later.answered,
            finished=later.finished,
            fail_code=later.fail_code,
            image_count=later.image_count,
        )
    if later.request is None and not later.images:
        return first
    return replace(first, request=first.request or later.request, images=first.images or later.images)
