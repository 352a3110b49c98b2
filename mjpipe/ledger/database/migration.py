"""The format of the file: making it, and bringing an older one up to date."""

from pathlib import Path

from mjpipe.domain import StateFault
from mjpipe.ledger.database.connection import LedgerConnection, restore
from mjpipe.ledger.database.forms import bring_forms_up_to_date

_HERE = Path(__file__).parent

VERSION = 6
"""What `PRAGMA user_version` says in a file that this release writes; `migrations/` leads there from each older one."""


def make_schema(connection: LedgerConnection) -> None:
    """Gives an empty database the present format."""
    _run_script(connection, ["schema.sql"])
    connection.execute("COMMIT")


def bring_up_to_date(connection: LedgerConnection, path: Path) -> None:
    """Gives an older ledger the present format; `path` names it in messages.

    All of it is one transaction: what is cut short leaves the file as it was. Raises StateFault for the format of a
    newer release.
    """
    refuse_other_formats(connection, path)
    version = format_of(connection)
    if version < VERSION:
        connection.execute("PRAGMA foreign_keys=OFF")  # a migration drops a table that it has copied
        _run_script(connection, [f"migrations/{step}.sql" for step in range(version + 1, VERSION + 1)])
        bring_forms_up_to_date(connection, version)
        if (broken := connection.execute("PRAGMA foreign_key_check").fetchone()) is not None:
            found = f"`{broken[0]}` refers to rows of `{broken[2]}` that are gone"
            raise StateFault(f"the state in `{path}` is damaged: {found}", help=restore(path))
        connection.execute("COMMIT")


def refuse_other_formats(connection: LedgerConnection, path: Path) -> None:
    """Raises StateFault for what is no ledger, and for the format of a newer release."""
    version = format_of(connection)
    if version == 0:
        raise StateFault(f"`{path}` is a database, but not a ledger of mjpipe", help=restore(path))
    if not 1 <= version <= VERSION:
        raise StateFault(
            f"`{path}` has format {version}, and this mjpipe writes format {VERSION}",
            help="use the release of mjpipe that made it, or a newer one",
        )


def format_of(connection: LedgerConnection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _run_script(connection: LedgerConnection, names: list[str]) -> None:
    """Begins a transaction, which the caller commits."""
    script = "".join((_HERE / name).read_text("utf-8") for name in names)
    connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={VERSION};")
