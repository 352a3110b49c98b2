"""Where the file of an open ledger is. It can be moved, removed or replaced, and a connection does not notice."""

from dataclasses import dataclass
from pathlib import Path

from mjpipe.domain import StateMoved
from mjpipe.ledger.database.connection import LedgerConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A path, and which file was there."""

    path: Path
    device: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Place":
        """Raises OSError when there is no file."""
        found = path.stat()
        return cls(path=path.absolute(), device=found.st_dev, inode=found.st_ino)

    def check(self) -> None:
        """Raises StateMoved when that file is no longer there."""
        try:
            present = Place.of(self.path)
        except OSError:
            raise _moved(self.path, "is gone: the state of this run was moved or removed while it went on") from None
        if present != self:
            raise _moved(self.path, "is another file now: the state of this run was replaced while it went on")


def place_of(connection: LedgerConnection) -> Place | None:
    """Where the file of a connection is; None for a ledger in memory. Raises OSError when it is gone already."""
    file = connection.value("SELECT file FROM pragma_database_list WHERE name = 'main'")
    return Place.of(Path(file)) if file else None


def _moved(path: Path, what: str) -> StateMoved:
    return StateMoved(
        f"`{path}` {what}",
        help=f"put the folder back to `{path.parent}`, or take over what the receipts say was paid: `mjpipe adopt M`",
    )
