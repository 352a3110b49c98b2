"""Images that were deleted, renamed, or stand where others should: moved or fetched again, never paid again."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from mjpipe.domain import EXTENSION, Job, JobState, StateFault
from mjpipe.ledger import ImageOnDisk
from mjpipe.run.images.inventory import Inventory
from tests.ledger.jobs import adopt, generation
from tests.run.campaign import START, Campaign, ends
from tests.run.service import Service, picture, png, urls


def at(job: Job, folder: str) -> Job:
    """The same job with its images in another folder."""
    return job._replace(paths=tuple(f"{folder}/{number}.{EXTENSION}" for number in range(4)))


def content(task: str) -> list[bytes]:
    return [png(url) for url in urls(task)]


def in_folder(campaign: Campaign, folder: str) -> list[bytes]:
    return [(campaign.outputs / folder / f"{number}.png").read_bytes() for number in range(4)]


def task_of(campaign: Campaign, key: str) -> str:
    return str(campaign.record(key).attempts[-1].task)


def test_a_deleted_file_is_fetched_again_and_nothing_is_sent(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"))
    (campaign.outputs / "hero" / "a-2.png").unlink()
    fetched = service.count("image")
    ending = campaign.run(generation("a"))
    assert (ending.of(JobState.DONE), service.count("submit"), service.count("image")) == (1, 1, fetched + 1)
    assert campaign.files_are_as_recorded()
    assert campaign.notes.lines == ["1 image is missing on disk and fetched again, which costs nothing"]


def test_a_whole_output_folder_that_was_deleted_comes_back(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"), generation("b"))
    before = campaign.files()
    campaign.outputs.rename(campaign.folder / "elsewhere")
    campaign.run(generation("a"), generation("b"))
    assert (campaign.files(), service.count("submit")) == (before, 2)


def test_a_changed_path_moves_the_files_without_a_request(campaign: Campaign, service: Service) -> None:
    campaign.run(at(generation("a"), "old"))
    calls = len(service.calls)
    ending = campaign.run(at(generation("a"), "new/deeper"))
    assert (ending.of(JobState.DONE), len(service.calls)) == (1, calls)
    assert in_folder(campaign, "new/deeper") == content("task_1")
    assert campaign.files() == {f"new/deeper/{number}.png" for number in range(4)}
    assert campaign.files_are_as_recorded()


def test_images_come_after_an_output_folder_of_another_name(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"), generation("b"))
    calls, before = len(service.calls), campaign.files()
    campaign.run(generation("b"))
    campaign.outputs_dir = "elsewhere/deep"
    ending = campaign.run(generation("b"))
    assert (ending.of(JobState.DONE), len(service.calls)) == (1, calls)
    assert campaign.files() == before, "the orphan's too"
    assert campaign.files_are_as_recorded()
    assert not list((campaign.folder / "out").rglob("*.png"))
    campaign.outputs_dir = "out"
    campaign.run(generation("a"), generation("b"))
    assert (campaign.files(), len(service.calls)) == (before, calls)


def test_the_images_that_came_of_a_job_come_along_when_others_did_not(campaign: Campaign, service: Service) -> None:
    service.on_image = lambda url, _times: httpx.Response(404) if "/0.png" in url else picture(url)
    assert ends(campaign.run(generation("a"))) == {JobState.SUCCEEDED: 1}
    campaign.outputs_dir = "elsewhere"
    service.on_image = None
    fetched = service.count("image")
    ending = campaign.run(at(generation("a"), "new"))
    assert (ends(ending), service.count("image")) == ({JobState.DONE: 1}, fetched + 1)
    assert (in_folder(campaign, "new"), campaign.files_are_as_recorded()) == (content("task_1"), True)
    assert not list((campaign.folder / "out").rglob("*.png"))


def test_a_deleted_image_beside_one_that_did_not_come_is_fetched_again(campaign: Campaign, service: Service) -> None:
    service.on_image = lambda url, _times: httpx.Response(404) if "/0.png" in url else picture(url)
    campaign.run(generation("a"))
    (campaign.outputs / "hero" / "a-2.png").unlink()
    service.on_image = None
    assert ends(campaign.run(generation("a"))) == {JobState.DONE: 1}
    assert campaign.files_are_as_recorded()


def test_an_output_folder_may_change_together_with_the_paths_in_it(campaign: Campaign, service: Service) -> None:
    campaign.run(at(generation("a"), "x"), at(generation("b"), "y"))
    calls, was_a, was_b = len(service.calls), in_folder(campaign, "x"), in_folder(campaign, "y")
    campaign.outputs_dir = "elsewhere"
    campaign.run(at(generation("a"), "y"), at(generation("b"), "x"))
    assert (in_folder(campaign, "y"), in_folder(campaign, "x"), len(service.calls)) == (was_a, was_b, calls)
    assert campaign.files_are_as_recorded()


def test_images_come_to_an_output_folder_on_another_file_system(campaign: Campaign, service: Service) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == campaign.folder.stat().st_dev:
        pytest.skip("there is no other file system here")
    campaign.run(generation("a"))
    calls, before = len(service.calls), campaign.files()
    with TemporaryDirectory(dir=memory) as folder:
        campaign.outputs_dir = Path(folder) / "out"
        campaign.run(generation("a"))
        assert (campaign.files(), len(service.calls)) == (before, calls)
        assert campaign.files_are_as_recorded()


def test_images_move_into_a_folder_that_is_a_link_to_another_file_system_and_out_of_it(
    campaign: Campaign, service: Service
) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == campaign.folder.stat().st_dev:
        pytest.skip("there is no other file system here")
    a, b = generation("a"), generation("b")
    with TemporaryDirectory(dir=memory) as folder:
        campaign.outputs.mkdir()
        (campaign.outputs / "there").symlink_to(folder)
        campaign.run(at(a, "there"), at(b, "here"))
        calls = len(service.calls)
        assert len([*Path(folder).iterdir()]) == 4
        campaign.run(at(a, "here"), at(b, "there"))
        assert (in_folder(campaign, "there"), in_folder(campaign, "here")) == (content("task_2"), content("task_1"))
        assert (len([*Path(folder).iterdir()]), len(service.calls)) == (4, calls)
        assert campaign.files_are_as_recorded()


def test_what_is_in_the_new_folder_is_not_taken_for_ours_by_its_name(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"))
    calls = len(service.calls)
    campaign.outputs_dir = "elsewhere"
    (campaign.outputs / "hero").mkdir(parents=True)
    mine = campaign.outputs / "hero" / "a-0.png"
    mine.write_bytes(b"mine")
    campaign.run(generation("a"))
    assert mine.read_bytes() == b"mine"
    assert campaign.notes.lines == [
        "`hero/a-0.png` stays where it is: `hero/a-0.png` is taken by a file that mjpipe did not write"
    ]
    mine.unlink()
    campaign.run(generation("a"))
    assert (campaign.files_are_as_recorded(), len(service.calls)) == (True, calls)


def test_images_that_swap_their_names_are_swapped(campaign: Campaign) -> None:
    campaign.run(at(generation("a"), "x"), at(generation("b"), "y"))
    was_a, was_b = in_folder(campaign, "x"), in_folder(campaign, "y")
    campaign.run(at(generation("a"), "y"), at(generation("b"), "x"))
    assert (in_folder(campaign, "y"), in_folder(campaign, "x")) == (was_a, was_b)
    assert campaign.files_are_as_recorded()


class Killed(BaseException):
    """The program ends here."""


@pytest.mark.parametrize("survives", [False, True], ids=["before the record", "behind the record"])
def test_a_run_that_is_killed_in_the_midst_of_a_swap_loses_nothing(
    campaign: Campaign, service: Service, *, survives: bool
) -> None:
    campaign.run(at(generation("a"), "x"), at(generation("b"), "y"))
    was_a, was_b = in_folder(campaign, "x"), in_folder(campaign, "y")
    swapped = [at(generation("a"), "y"), at(generation("b"), "x")]
    adopt(campaign.ledger, *swapped)

    def killed(moved: object) -> None:
        if survives:
            campaign.ledger.files.record_moved(moved)  # type: ignore[arg-type]  # what the inventory gives
        raise Killed

    inventory = Inventory(campaign.outputs, campaign.settings().moving)
    found = inventory.compare(campaign.ledger.images.on_disk())
    with pytest.raises(Killed):
        inventory.move(found.moves, killed)
    fetched = service.count("image")
    campaign.run(*swapped)
    assert (in_folder(campaign, "y"), in_folder(campaign, "x")) == (was_a, was_b)
    assert campaign.files_are_as_recorded()
    assert service.count("image") == fetched


def test_a_run_that_is_killed_between_two_renames_loses_nothing(campaign: Campaign) -> None:
    campaign.run(at(generation("a"), "x"), at(generation("b"), "y"))
    was_a, was_b = in_folder(campaign, "x"), in_folder(campaign, "y")
    swapped = [at(generation("a"), "y"), at(generation("b"), "x")]
    adopt(campaign.ledger, *swapped)
    moving = campaign.settings().moving
    moving.mkdir(parents=True)
    first: ImageOnDisk = next(iter(campaign.ledger.images.on_disk()))
    (campaign.outputs / first.path).rename(moving / f"{first.attempt}-{first.number}")
    campaign.run(*swapped)
    assert (in_folder(campaign, "y"), in_folder(campaign, "x")) == (was_a, was_b)
    assert campaign.files_are_as_recorded()


def test_an_image_that_somebody_moved_to_its_new_place_is_taken_for_ours(campaign: Campaign, service: Service) -> None:
    campaign.run(at(generation("a"), "old"))
    (campaign.outputs / "old").rename(campaign.outputs / "new")
    service.on_image = lambda _url, _times: httpx.Response(410)
    ending = campaign.run(at(generation("a"), "new"))
    assert (ending.of(JobState.DONE), ending.incomplete) == (1, {})
    assert campaign.files_are_as_recorded()


def test_a_foreign_file_in_the_new_place_keeps_it_and_the_image_stays(campaign: Campaign) -> None:
    campaign.run(at(generation("a"), "old"))
    (campaign.outputs / "new").mkdir()
    mine = campaign.outputs / "new" / "0.png"
    mine.write_bytes(b"mine")
    campaign.run(at(generation("a"), "new"))
    assert mine.read_bytes() == b"mine"
    assert campaign.notes.lines == [
        "`old/0.png` stays where it is: `new/0.png` is taken by a file that mjpipe did not write"
    ]
    assert campaign.files() == {"old/0.png", *(f"new/{number}.png" for number in range(4))}
    assert campaign.files_are_as_recorded()
    mine.unlink()
    campaign.run(at(generation("a"), "new"))
    assert campaign.files() == {f"new/{number}.png" for number in range(4)}
    assert campaign.files_are_as_recorded()


def test_a_chain_of_moves_that_is_blocked_at_its_end_mixes_nothing_up(campaign: Campaign) -> None:
    campaign.run(at(generation("a"), "x"), at(generation("b"), "y"))
    (campaign.outputs / "z").mkdir()
    (campaign.outputs / "z" / "0.png").write_bytes(b"mine")
    campaign.run(at(generation("a"), "y"), at(generation("b"), "z"))
    assert campaign.files_are_as_recorded()
    (campaign.outputs / "z" / "0.png").unlink()
    campaign.run(at(generation("a"), "y"), at(generation("b"), "z"))
    assert in_folder(campaign, "z") == content(task_of(campaign, "hero/b"))
    assert in_folder(campaign, "y") == content(task_of(campaign, "hero/a"))
    assert campaign.files_are_as_recorded()


def test_the_image_of_an_edited_job_takes_the_place_of_the_old_one_which_is_kept(campaign: Campaign) -> None:
    campaign.run(generation("a", prompt="blue"))
    old = (campaign.outputs / "hero" / "a-0.png").read_bytes()
    ending = campaign.run(generation("a", prompt="red"))
    assert (ending.of(JobState.DONE), ending.incomplete) == (1, {})
    kept = [campaign.outputs / file for file in campaign.files() if file.startswith(".orphans/")]
    assert old in [path.read_bytes() for path in kept]
    assert len(kept) == 4
    assert campaign.files_are_as_recorded()


def test_an_edit_and_its_undo_change_the_files_there_and_back(campaign: Campaign, service: Service) -> None:
    blue, red = generation("a", prompt="blue"), generation("a", prompt="red")
    campaign.run(blue)
    first = [(campaign.outputs / "hero" / f"a-{number}.png").read_bytes() for number in range(4)]
    campaign.run(red)
    calls = len(service.calls)
    for job in (blue, red, blue):
        campaign.run(job)
        assert campaign.files_are_as_recorded()
    assert [(campaign.outputs / "hero" / f"a-{number}.png").read_bytes() for number in range(4)] == first
    assert len(service.calls) == calls
    assert service.prompts == ["blue", "red"]


def test_a_file_that_somebody_retouched_is_never_written_over(campaign: Campaign) -> None:
    campaign.run(generation("a", prompt="blue"))
    retouched = campaign.outputs / "hero" / "a-0.png"
    retouched.write_bytes(b"retouched by hand")
    ending = campaign.run(generation("a", prompt="red"))
    assert retouched.read_bytes() == b"retouched by hand"
    assert list(ending.incomplete) == ["hero/a"]
    assert len(list(campaign.held.iterdir())) == 1


def test_images_that_no_longer_have_a_job_lie_where_they_are(campaign: Campaign) -> None:
    campaign.run(generation("a"), generation("b"))
    before = campaign.files()
    campaign.run(generation("b"))
    assert campaign.files() == before


def test_an_output_folder_that_cannot_be_is_a_fault_of_the_disk(campaign: Campaign, service: Service) -> None:
    campaign.outputs.write_bytes(b"a file")
    with pytest.raises(StateFault, match="cannot be used"):
        campaign.run(generation("a"))
    assert service.calls == []


def test_a_file_where_a_folder_should_be_keeps_its_place_and_the_images_stay(campaign: Campaign) -> None:
    campaign.run(at(generation("a"), "old"))
    (campaign.outputs / "new").write_bytes(b"mine")
    ending = campaign.run(at(generation("a"), "new"))
    assert ends(ending) == {JobState.DONE: 1}
    assert (campaign.outputs / "new").read_bytes() == b"mine"
    assert in_folder(campaign, "old") == content("task_1")
    assert campaign.files_are_as_recorded()


def test_a_picture_left_over_whose_file_is_deleted_is_off_the_record_and_stays_away(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(generation("a"), generation("b"))
    campaign.run(generation("b"))
    (campaign.outputs / "hero" / "a-2.png").unlink()
    calls = len(service.calls)
    campaign.run(generation("b"))
    assert campaign.files_are_as_recorded()
    assert [image.number for image in campaign.ledger.images.left_over()] == [0, 1, 3]
    assert (campaign.notes.lines, len(service.calls)) == ([], calls)
    campaign.run(generation("a"), generation("b"))
    assert (campaign.files_are_as_recorded(), len(campaign.files()), service.count("submit")) == (True, 8, 2)


def test_a_picture_left_over_that_a_killed_run_left_between_goes_back(campaign: Campaign) -> None:
    campaign.run(generation("a"), generation("b"))
    campaign.run(generation("b"))
    before, moving = campaign.files(), campaign.settings().moving
    first: ImageOnDisk = next(iter(campaign.ledger.images.left_over()))
    moving.mkdir(parents=True)
    (campaign.outputs / first.path).rename(moving / f"{first.attempt}-{first.number}")
    campaign.run(generation("b"))
    assert (campaign.files(), campaign.files_are_as_recorded(), moving.exists()) == (before, True, False)


def test_only_what_is_not_in_its_place_needs_a_check(campaign: Campaign) -> None:
    def needing_check(before: Path | None = None) -> list[str]:
        inventory = Inventory(campaign.outputs, campaign.settings().moving, before)
        return [image.path for image in campaign.ledger.images.on_disk(inventory.needs_check())]

    campaign.run(generation("a"), at(generation("b"), "old"), at(generation("c"), "new"))
    assert needing_check() == []
    adopt(campaign.ledger, generation("a"), at(generation("b"), "newer"), at(generation("c"), "new"))
    (campaign.outputs / "hero" / "a-1.png").unlink()
    (campaign.outputs / "new" / "3.png").unlink()
    (campaign.outputs / "new" / "3.png").symlink_to("nowhere")
    assert needing_check() == ["hero/a-1.png", *(f"old/{number}.png" for number in range(4)), "new/3.png"]
    assert len(needing_check(before=campaign.folder / "elsewhere")) == 12


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def spoiled(path: Path) -> None:
    """Of the same size, and not an image."""
    path.write_bytes(bytes(path.stat().st_size))
    touch(path)


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "notes.txt").write_text("mine")


def made_a_dead_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def touch(path: Path) -> None:
    """Written after it was fetched, by the clock of these runs."""
    os.utime(path, (START + 1e6, START + 1e6))


MISHAPS: dict[str, Callable[[Path], object]] = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut short": cut_short,
    "spoiled": spoiled,
    "a folder": made_a_folder,
    "a link to nowhere": made_a_dead_link,
}


@pytest.mark.parametrize("mishap", MISHAPS.values(), ids=MISHAPS)
def test_an_image_that_is_not_whole_any_more_is_fetched_again_and_what_stood_there_is_kept(
    campaign: Campaign, service: Service, mishap: Callable[[Path], object]
) -> None:
    campaign.run(generation("a"))
    path = campaign.outputs / "hero" / "a-2.png"
    mishap(path)
    stood = os.lstat(path).st_ino
    fetched = service.count("image")
    ending = campaign.run(generation("a"))
    assert (ends(ending), service.count("submit"), service.count("image")) == ({JobState.DONE: 1}, 1, fetched + 1)
    assert campaign.files_are_as_recorded()
    aside = campaign.outputs / ".orphans" / "hero" / "a-2.png.aside-1"
    assert os.lstat(aside).st_ino == stood
    again = "1 image is damaged and fetched again, which costs nothing; what was there is kept: {}"
    assert campaign.notes.lines == [again.format("`.orphans/hero/a-2.png.aside-1`")]


def test_what_is_set_aside_twice_has_two_names(campaign: Campaign) -> None:
    campaign.run(generation("a"))
    for content in (b"", b"no image"):
        (campaign.outputs / "hero" / "a-2.png").write_bytes(content)
        campaign.run(generation("a"))
    aside = campaign.outputs / ".orphans" / "hero"
    assert sorted((path.name, path.read_bytes()) for path in aside.iterdir()) == [
        ("a-2.png.aside-1", b""),
        ("a-2.png.aside-2", b"no image"),
    ]


def test_an_image_that_somebody_changed_is_kept_and_its_job_is_done(campaign: Campaign, service: Service) -> None:
    campaign.run(generation("a"))
    path = campaign.outputs / "hero" / "a-2.png"
    retouched = png("retouched") + b"by hand"
    path.write_bytes(retouched)
    calls = len(service.calls)
    ending = campaign.run(generation("a"))
    assert (ends(ending), len(service.calls), path.read_bytes()) == ({JobState.DONE: 1}, calls, retouched)
    image = campaign.record("hero/a").images[2]
    assert (image.hand_sha256, image.hand_size) == (sha256(retouched).hexdigest(), len(retouched))
    assert image.sha256 == sha256(png(urls("task_1")[2])).hexdigest()
    campaign.run(at(generation("a"), "moved"))
    assert (campaign.outputs / "moved" / "2.png").read_bytes() == retouched
    (campaign.outputs / "moved" / "2.png").write_bytes(png(urls("task_1")[2]))
    campaign.run(at(generation("a"), "moved"))
    assert campaign.record("hero/a").images[2].hand_sha256 is None, "it is as it came again"


def test_an_image_is_read_only_once_when_its_time_alone_has_changed(campaign: Campaign) -> None:
    campaign.run(generation("a"))
    touch(campaign.outputs / "hero" / "a-2.png")
    images = [*campaign.ledger.images.on_disk(Inventory(campaign.outputs, campaign.settings().moving).needs_check())]
    assert [image.path for image in images] == ["hero/a-2.png"]
    assert ends(campaign.run(generation("a"))) == {JobState.DONE: 1}
    assert campaign.notes.lines == []
    assert not [*campaign.ledger.images.on_disk(Inventory(campaign.outputs, campaign.settings().moving).needs_check())]


def test_folders_that_images_leave_empty_are_removed_and_no_others(campaign: Campaign) -> None:
    campaign.run(at(generation("a"), "old/deep"), at(generation("b"), "shared/b"))
    (campaign.outputs / "kept").mkdir()
    (campaign.outputs / "shared" / "notes.txt").write_text("somebody's")
    campaign.run(at(generation("a"), "new"), at(generation("b"), "new/b"))
    folders = {str(path.relative_to(campaign.outputs)) for path in campaign.outputs.rglob("*") if path.is_dir()}
    assert {folder for folder in folders if not folder.startswith(".")} == {"kept", "new", "new/b", "shared"}
    assert campaign.files_are_as_recorded()
