"""Names on file systems that ignore case, as those of macOS, Windows and exFAT do: images of ours make way for ours."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mjpipe.domain import EXTENSION, Job, JobState
from mjpipe.files import folded, names_below
from tests.ledger.jobs import generation
from tests.run.campaign import Campaign
from tests.run.service import Service, png, urls

TOOLS = ("mkfs.exfat", "mount.exfat-fuse", "losetup", "umount", "truncate")


@pytest.fixture
def ignoring(tmp_path: Path) -> Iterator[Path]:
    """A folder on such a file system: that of the tests, or an exFAT that is mounted for the test."""
    (tmp_path / "case").touch()
    if (tmp_path / "CASE").exists():
        yield tmp_path
        return
    if os.geteuid() != 0 or not os.access("/dev/fuse", os.W_OK) or not all(map(shutil.which, TOOLS)):
        pytest.skip("needs a file system that ignores case, or root, /dev/fuse and exfat-fuse")
    with TemporaryDirectory() as there:
        disk, mounted = tmp_path / "disk", Path(there) / "mounted"
        mounted.mkdir()
        made = _ran("truncate", "-s", "64M", disk) and _ran("mkfs.exfat", disk)
        device = _ran("losetup", "--find", "--show", disk) if made else None
        try:
            if not device or _ran("mount.exfat-fuse", device.strip(), mounted) is None:
                pytest.skip("no exFAT can be mounted here")
            yield mounted
            subprocess.run(["umount", mounted], check=True)
        finally:
            if device:
                subprocess.run(["losetup", "--detach", device.strip()], check=True)


def _ran(*command: str | Path) -> str | None:
    """What a command says, None when it fails."""
    done = subprocess.run([*command], capture_output=True, text=True, check=False)
    return None if done.returncode else done.stdout or "nothing"


def named(job: Job, pattern: str) -> Job:
    """The same job with its images at these paths."""
    return job._replace(paths=tuple(f"{pattern.format(number)}.{EXTENSION}" for number in range(4)))


def other(job: Job) -> Job:
    """One of the same key that asks for something else."""
    return job._replace(
        fingerprint=type(job.fingerprint)("f" * 64), request={**job.request, "prompt": "something else"}
    )


def listed(folder: Path) -> set[str]:
    """All files and folders below, as the disk names them; without those of a run."""
    below = (path.relative_to(folder) for path in folder.rglob("*"))
    return {path.as_posix() for path in below if path.parts[0] != ".workshop"}


def test_a_file_system_is_asked_how_it_treats_case(ignoring: Path, tmp_path: Path) -> None:
    (ignoring / "jug").touch()
    assert names_below(ignoring) is folded
    assert names_below(ignoring / "not there") is str
    if ignoring != tmp_path:
        folder = tmp_path / "exact"
        folder.mkdir()
        assert names_below(folder) is str
        (folder / "jug").touch()
        (folder / "JUG").touch()
        assert names_below(folder) is str


def test_a_name_that_is_corrected_from_jug_to_Jug_moves_what_it_has(  # noqa: N802 - the capital is what changes
    campaign: Campaign, service: Service, ignoring: Path
) -> None:
    campaign.outputs_dir = ignoring / "out"
    campaign.run(named(generation("a"), "jug/a-{}"))
    ending = campaign.run(named(generation("a"), "Jug/A-{}"))
    assert (ending.of(JobState.DONE), service.count("submit"), service.count("image")) == (1, 1, 4)
    assert listed(campaign.outputs) == {"Jug", *(f"Jug/A-{number}.png" for number in range(4))}
    assert campaign.files_are_as_recorded()
    assert campaign.notes.lines == []


def test_what_was_paid_under_jug_makes_way_for_what_is_paid_under_Jug(  # noqa: N802 - as above
    campaign: Campaign, service: Service, ignoring: Path
) -> None:
    campaign.outputs_dir = ignoring / "out"
    campaign.run(named(generation("a"), "jug/a-{}"))
    ending = campaign.run(named(other(generation("a")), "Jug/a-{}"))
    assert (ending.of(JobState.DONE), service.count("submit")) == (1, 2)
    images = {path for path in listed(campaign.outputs) if path.endswith(".png")}
    assert {path for path in images if path.startswith("Jug/")} == {f"Jug/a-{number}.png" for number in range(4)}
    assert len(images) == 8
    assert [(campaign.outputs / f"Jug/a-{number}.png").read_bytes() for number in range(4)] == [
        png(url) for url in urls("task_2")
    ]
    assert campaign.files_are_as_recorded()
    assert campaign.notes.lines == []


def test_numbers_and_capitals_that_change_together_lose_no_image_and_leave_no_old_one(
    campaign: Campaign, service: Service, ignoring: Path
) -> None:
    campaign.outputs_dir = ignoring / "out"
    campaign.run(named(generation("a"), "jug-{}"), named(generation("b"), "cup-{}"))
    swapped = [named(generation("a"), "Cup-{}"), named(generation("b"), "Jug-{}")]
    swapped = [job._replace(paths=job.paths[::-1]) for job in swapped]
    ending = campaign.run(*swapped)
    assert (ending.of(JobState.DONE), service.count("submit"), service.count("image")) == (2, 2, 8)
    assert listed(campaign.outputs) == {f"{name}-{number}.png" for name in ("Cup", "Jug") for number in range(4)}
    of_a = [(campaign.outputs / f"Cup-{number}.png").read_bytes() for number in (3, 2, 1, 0)]
    assert of_a == [png(url) for url in urls(str(campaign.record("hero/a").attempts[-1].task))]
    assert campaign.files_are_as_recorded()


def test_a_file_of_somebody_else_keeps_its_place_whatever_its_capitals(
    campaign: Campaign, service: Service, ignoring: Path
) -> None:
    campaign.outputs_dir = ignoring / "out"
    campaign.run(named(generation("a"), "jug-{}"))
    (campaign.outputs / "CUP-1.PNG").write_bytes(b"somebody's")
    campaign.run(named(generation("a"), "Cup-{}"))
    assert (campaign.outputs / "CUP-1.PNG").read_bytes() == b"somebody's"
    assert listed(campaign.outputs) == {"CUP-1.PNG", "Cup-0.png", "Cup-2.png", "Cup-3.png", "jug-1.png"}
    assert service.count("submit") == 1
