"""The state folder of a campaign: its files, and the lock that one run holds."""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mjpipe.domain import StateFault, UsageFault
from mjpipe.files import make_folders, make_private_file, state_faults
from mjpipe.ledger.database import ledger_exists, open_in_any_format, open_read_only
from mjpipe.ledger.input_copies import InputCopies
from mjpipe.ledger.ledger import Ledger
from mjpipe.ledger.processes import this_process
from mjpipe.ledger.question import asking, asking_since
from mjpipe.ledger.reader import Reader
from mjpipe.ledger.reading import Bindings, PresentHolder, holder_of, locked_by


@dataclass(frozen=True, slots=True)
class HeldBy:
    """Who has a campaign now; `present` is None when it cannot be found out."""

    present: PresentHolder | None


SANDBOX_HOST = "sandbox"
"""What the state of a sandbox inside the run is tied to instead of an API host: its port changes each time."""


@dataclass(frozen=True, slots=True)
class StateFolder:
    """`.mjpipe/<campaign>/` beside the manifest, or where `--state` says."""

    path: Path

    def check_owner(self, ledger: Reader, manifest: Path, *, sandbox: bool) -> None:
        """Raises UsageFault for the state of another manifest that still exists, for a sandbox's state in place of a
        real one, and the other way round.

        A manifest that was renamed or moved keeps its state. A state from which nothing was sent belongs to nobody.
        """
        self._check_manifest(ledger.bindings.get("manifest") if ledger.bindings.has_sent() else None, manifest)
        self._check_sandbox(ledger.bindings.get("host"), sandbox=sandbox)

    def _check_manifest(self, bound: str | None, manifest: Path) -> None:
        if bound is None:
            return
        owner = Path(os.path.normpath(self.path.absolute() / bound))
        if owner.exists() and not owner.samefile(manifest):
            raise UsageFault(
                f"the state in `{self.path}` belongs to the manifest `{owner}`, not to `{manifest}`",
                help="give the new manifest a `campaign:` name of its own, or a state folder with --state DIR",
            )

    def _check_sandbox(self, host: str | None, *, sandbox: bool) -> None:
        if host is None or (host == SANDBOX_HOST) == sandbox:
            return
        owner = f"the service at `{host}`, not to the sandbox" if sandbox else "the sandbox"
        remedy = "leave --sandbox out" if sandbox else "add --sandbox"
        raise UsageFault(
            f"the state in `{self.path}` belongs to {owner}",
            help=f"{remedy}, or name another state folder: --state DIR",
        )

    def bind_owner(self, ledger: Ledger, manifest: Path) -> None:
        """Once something is sent, the state belongs to the manifest, also when both are moved together."""
        ledger.bind.manifest(os.path.relpath(manifest.absolute(), self.path.absolute()))
        ledger.bind.used_at(os.path.realpath(self.path))

    def original(self, ledger: Reader) -> Path | None:
        """The folder of the state that this one is a copy of, if that is still where it was last used; else None.

        A state that was moved is no copy, nor is one that is seen under two paths. What cannot be read is not there.
        """
        used_at = ledger.bindings.get("used_at")
        if used_at is None:
            return None
        other = StateFolder(Path(used_at))
        try:
            if not other.ledger.is_file() or other.ledger.samefile(self.ledger):
                return None
            with closing(open_in_any_format(other.ledger)) as connection:
                its_id = Bindings(connection).get("name")
        except (OSError, StateFault):
            return None
        return other.path if its_id == ledger.bindings.state_id() else None

    def make_own(self, ledger: Ledger) -> None:
        """Makes the copy of a state a state of its own."""
        ledger.bind.become_own(os.path.realpath(self.path))

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.sqlite"

    def has_ledger(self) -> bool:
        """Raises StateFault for what cannot be a ledger, and where one has been."""
        return ledger_exists(self.ledger)

    def bound_outputs(self) -> str | None:
        """The output folder that the state is bound to, from the manifest's folder.

        None if there is none, and for a ledger that cannot be read, which is reported when it is opened.
        """
        try:
            if not self.has_ledger():
                return None
            with closing(open_in_any_format(self.ledger)) as connection:
                return Bindings(connection).get("outputs")
        except StateFault:
            return None

    def was_used(self) -> bool:
        """Whether something was sent by this state; also True for one that cannot be read, which is reported when it is
        opened.
        """
        try:
            if not self.has_ledger():
                return False
            with closing(open_in_any_format(self.ledger)) as connection:
                return Bindings(connection).has_sent()
        except StateFault:
            return True

    @property
    def inputs(self) -> Path:
        """Copies of the manifest and its inputs, as the last run read them."""
        return self.path / "inputs"

    @property
    def held(self) -> Path:
        """Images whose place in the output folder is taken by a file that mjpipe did not write."""
        return self.path / "held"

    @property
    def sandbox(self) -> Path:
        return self.path / "sandbox"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the folder's lock file for this process; it ends with it. Raises Locked, naming the holder."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - loads asyncio, and a plan takes no lock

        with state_faults(self.path):
            make_folders(self.path, private=True)
            make_private_file(self.path / "lock")
            # A process that only checks whether the lock is held has it for a moment.
            lock = FileLock(self.path / "lock", timeout=0.2)
            try:
                lock.acquire(poll_interval=0.02)
            except Timeout:
                raise locked_by(self.present_holder()) from None
        try:
            yield
        finally:
            lock.release()

    def held_by(self) -> HeldBy | None:
        """Who has the campaign now, None when nobody does."""
        return HeldBy(self.present_holder()) if self.is_held() else None

    def present_holder(self) -> PresentHolder | None:
        """The holder on record; None if that is one which is gone: the present one may not be on record yet."""
        try:
            if not self.has_ledger():
                return None
            with closing(open_read_only(self.ledger)) as connection:
                holder = holder_of(connection)
        except StateFault:
            return None
        if holder is None or not holder.may_live(this_process(), time.time()):
            return None
        return PresentHolder(holder=holder, asking_since=asking_since(self.path, holder.process))

    def asking(self) -> AbstractContextManager[None]:
        """While a person is asked in the block, others can find out what the holder waits for."""
        return asking(self.path)

    def is_held(self) -> bool:
        """Whether a run holds the campaign; True when that cannot be found out."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - as above

        lock = FileLock(self.path / "lock", blocking=False)
        try:
            if not (self.path / "lock").exists():
                return False
            lock.acquire()
        except (OSError, Timeout):  # in a folder that belongs to somebody else nobody else may lock
            return True
        lock.release()
        return False

    @contextmanager
    def picking(self) -> Iterator[None]:
        """Waits until nobody else writes the picks; they may have changed since they were last read."""
        from filelock import FileLock  # noqa: PLC0415 - as above

        with state_faults(self.path):
            make_private_file(self.path / "picks.lock")
            lock = FileLock(self.path / "picks.lock")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def copies(self, manifest: str) -> InputCopies:
        """Copies the manifest's text, and makes room for copies of all that a run reads."""
        with state_faults(self.path):
            make_folders(self.inputs, private=True)
            copy = self.inputs / "manifest.yaml"
            make_private_file(copy)
            copy.write_text(manifest, "utf-8")
        return InputCopies(self.inputs)
