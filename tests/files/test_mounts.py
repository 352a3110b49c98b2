"""Which file system a folder is on."""

from pathlib import Path

import pytest

from mjpipe.files import file_system_of
from mjpipe.files.mounts import file_system_in

MOUNTS = """\
22 28 0:21 / /sys rw,nosuid,nodev shared:7 - sysfs sysfs rw
28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
91 28 0:52 / /mnt/my\\040team rw,relatime shared:50 master:1 - nfs4 server:/team rw,vers=4.2
92 28 0:53 / /home/ann/far rw,nosuid,nodev - fuse.sshfs ann@far:/ rw,user_id=1000
93 28 0:54 / /mnt/c rw,noatime - 9p drvfs rw
94 28 0:55
"""


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        ("259:2", "ext4"),
        ("0:52", "nfs4"),  # its options may end with several words of their own
        ("0:53", "fuse.sshfs"),
        ("0:54", "9p"),
        ("0:99", None),  # as of a subvolume of btrfs
        ("0:55", None),
        ("9:2", None),
    ],
)
def test_a_file_system_is_found_by_its_device(device: str, kind: str | None) -> None:
    assert file_system_in(MOUNTS, device) == kind


@pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="only Linux says it so")
def test_what_the_system_says_of_its_own_folder() -> None:
    assert file_system_of(Path("/proc")) == "proc"


def test_nothing_is_known_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert file_system_of(tmp_path / "none") is None
