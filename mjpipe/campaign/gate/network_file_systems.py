"""Whether the state is on a file system of a network, where SQLite cannot keep two runs apart."""

from collections.abc import Iterator

from mjpipe.campaign.gate.finding import Finding, Severity, Situation
from mjpipe.files import file_system_of, nearest

NETWORK = frozenset({"afs", "cifs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "nfs", "nfs4", "smb3", "smbfs"})
"""What Linux calls them. SQLite's WAL has an index in memory that all its users share, and hosts share none
(https://www.sqlite.org/wal.html). Folders of virtual machines and containers (9p, virtiofs, overlay) are no such ones.
"""


def state_on_a_network(situation: Situation) -> Iterator[Finding]:
    """Finds a state on a network file system. Says nothing where the system does not name file systems."""
    folder = situation.campaign.folder.path
    kind = file_system_of(nearest(folder.absolute()))
    if kind in NETWORK:
        yield Finding(
            severity=Severity.STATE,
            evidence=f"the state in `{folder}` is on a network file system ({kind}), where SQLite's WAL cannot work",
            remedy="move it to a disk of this machine, and name it from now on: --state DIR",
        )
