"""The state of a campaign that had other names: found under these, and renamed before something is written."""

import time
from contextlib import closing, suppress
from pathlib import Path

from mjpipe.domain import Locked, UsageFault
from mjpipe.files import rename_folder, state_faults
from mjpipe.ledger import Ledger, StateFolder, this_process
from mjpipe.manifest import Manifest

SANDBOX = ".sandbox"
"""Ends the names of the sandbox's states."""


def state_of(manifest: Manifest, suffix: str) -> StateFolder:
    """The state under the campaign's name, or the one under a former name if that is where something was made.

    Raises UsageFault when something was made under several of them.
    """
    folder = _folder(manifest, manifest.campaign, suffix)
    former = [former for former in _former(manifest, suffix) if former.was_used() and not _is_same(former, folder)]
    used = [*([folder] if former and folder.was_used() else []), *former]
    if len(used) > 1:
        one, other, *_ = (state.path for state in used)
        raise UsageFault(
            f"there are two states of this campaign: `{one}` and, because of `was`, `{other}`",
            help=f"to carry on with `{one}`, remove `was: {_name(other, suffix)}`; else move `{one}` away",
        )
    return used[0] if used else folder


def with_present_name(manifest: Manifest, suffix: str) -> StateFolder:
    """The state under the campaign's name, renamed if it had another one, and so is the sandbox's beside it.

    Raises UsageFault as `state_of`, and Locked when a run holds the one that is renamed. The other one is left to a
    later command when a run holds it, or when there are two of it.
    """
    _give_present_name(manifest, suffix)
    with suppress(UsageFault, Locked):
        _give_present_name(manifest, "" if suffix else SANDBOX)
    return _folder(manifest, manifest.campaign, suffix)


def _give_present_name(manifest: Manifest, suffix: str) -> None:
    folder, target = state_of(manifest, suffix), _folder(manifest, manifest.campaign, suffix)
    if folder == target:
        return
    with folder.lock():
        if not folder.has_ledger():
            return  # somebody else has renamed it since
        with closing(Ledger.open(folder.ledger)) as ledger, ledger.damage_explains_faults():
            folder.check_owner(ledger, manifest.path, sandbox=bool(suffix))
            with ledger.hold.kept(this_process(), time.time()):
                pass  # no run holds it, on another host either
        if not target.path.exists():
            _rename(folder, target)
        else:
            with target.lock():
                state_of(manifest, suffix)  # a run that has ended meanwhile may have sent something
                # Nothing was sent by it: it holds at most a plan.
                _rename(folder, target)


def _rename(folder: StateFolder, target: StateFolder) -> None:
    with state_faults(target.path):
        rename_folder(folder.path, target.path)


def _former(manifest: Manifest, suffix: str) -> list[StateFolder]:
    return [_folder(manifest, name, suffix) for name in manifest.was]


def _folder(manifest: Manifest, name: str, suffix: str) -> StateFolder:
    return StateFolder(manifest.path.parent / ".mjpipe" / f"{name}{suffix}")


def _is_same(one: StateFolder, other: StateFolder) -> bool:
    """Names that differ by case alone are one folder on some file systems."""
    return one.path.exists() and other.path.exists() and one.path.samefile(other.path)


def _name(path: Path, suffix: str) -> str:
    return path.name.removesuffix(suffix)
