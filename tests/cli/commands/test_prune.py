"""What `prune` lists and removes: by the manifest as it is now, and nothing that it has not removed is forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mjpipe.ledger import StateFolder
from tests.cli.in_process import sandbox
from tests.cli.program import SandboxServer
from tests.cli.studio import Studio, contents
from tests.cli.teapots import Teapots, assets_of

WARM = Teapots(rows=(("A", "heron"),), layout=3)  # which names no folder
COLD = replace(WARM, light="cold")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def studio(tmp_path: Path, server: SandboxServer) -> Studio:
    """Four images of what is asked for in a cold light, and four left over, in a warm one."""
    studio = Studio(tmp_path, server)
    studio.make(WARM)
    studio.make(COLD)
    return studio


def pictures(folder: Path) -> set[str]:
    return {*contents(folder)}


def left_over(folder: Path) -> set[str]:
    return {path for path in pictures(folder) if path.startswith(".orphans/")}


def test_what_is_listed_is_what_is_removed(studio: Studio) -> None:
    out, manifest = studio.folder / "out" / "teapots", studio.folder / "campaign.yaml"
    before, listed = pictures(out), left_over(out)
    said = studio.mjpipe("prune", manifest)
    assert ({*said.out.splitlines()}, said.err) == (listed, "4 images left over; --yes removes them\n")
    said = studio.mjpipe("prune", manifest, "--yes")
    assert ({*said.out.splitlines()}, said.err) == (listed, "removed 4 files\n")
    assert pictures(out) == before - listed
    assert not (out / ".orphans").exists()  # nor any other folder that is empty now
    said = studio.mjpipe("prune", manifest, "--yes")
    assert (said.out, said.err) == ("", "0 images left over\n")


def test_what_no_run_has_left_aside_yet_is_listed_when_the_manifest_does_not_ask_for_it(studio: Studio) -> None:
    manifest = replace(COLD, crops=(2,)).write(studio.folder)
    said = studio.mjpipe("prune", manifest)
    assert {*said.out.splitlines()} - left_over(studio.folder / "out" / "teapots") == {"final/A/1-0.png"}


def test_a_file_that_somebody_has_changed_stays_and_stays_on_record(studio: Studio) -> None:
    mine, *others = sorted((studio.folder / "out" / "teapots" / ".orphans").rglob("*.png"))
    mine.write_bytes(b"retouched")
    said = studio.mjpipe("prune", studio.folder / "campaign.yaml", "--yes")
    assert said.err == "removed 3 files, kept 1 that somebody has changed\n"
    assert (mine.read_bytes(), [path.exists() for path in others]) == (b"retouched", [False] * 3)
    assert [asset["path"] for asset in assets_of(studio.folder) if asset["orphan"]] == [
        str(mine.relative_to(studio.folder / "out" / "teapots"))
    ]


def test_what_a_run_has_seen_to_be_changed_is_not_said_to_be_removed(studio: Studio) -> None:
    out, manifest = studio.folder / "out" / "teapots", studio.folder / "campaign.yaml"
    mine = out / "final" / "A" / "1-0.png"
    mine.write_bytes(next(path for path in sorted(out.rglob("*.png")) if path != mine).read_bytes())
    studio.mjpipe("run", manifest, "--yes")
    replace(COLD, crops=(2,)).write(studio.folder)
    said = studio.mjpipe("prune", manifest).err
    assert said == "5 images left over; --yes removes them, except 1 that somebody has changed\n"


@pytest.mark.parametrize("run_between", [False, True])
def test_images_are_removed_where_they_are_also_when_the_output_folder_has_another_name(
    studio: Studio, *, run_between: bool
) -> None:
    manifest = studio.folder / "campaign.yaml"
    out = studio.folder / "out" / "teapots"
    listed, kept = left_over(out), pictures(out) - left_over(out)
    manifest.write_text(manifest.read_text() + "\noutputs: {dir: elsewhere}\n")
    if run_between:
        studio.mjpipe("run", manifest)
    said = studio.mjpipe("prune", manifest, "--yes")
    assert ({*said.out.splitlines()}, said.err) == (listed, "removed 4 files\n")
    studio.mjpipe("run", manifest)
    assert (pictures(out), pictures(studio.folder / "elsewhere")) == (set(), kept)


def test_a_folder_that_is_away_for_a_while_is_not_forgotten(studio: Studio) -> None:
    manifest, out, away = studio.folder / "campaign.yaml", studio.folder / "out" / "teapots", studio.folder / "away"
    listed = left_over(out)
    out.rename(away)
    said = studio.mjpipe("prune", manifest, "--yes")
    assert (said.out, said.err) == ("", "0 images left over\n")
    away.rename(out)
    assert {*studio.mjpipe("prune", manifest).out.splitlines()} == listed


def test_nothing_is_removed_while_a_run_holds_the_campaign(studio: Studio) -> None:
    manifest, before = studio.folder / "campaign.yaml", pictures(studio.folder / "out" / "teapots")
    (state,) = (studio.folder / ".mjpipe").iterdir()
    with StateFolder(state).lock():
        refused = studio.mjpipe("prune", manifest, "--yes", code=7).err
        assert refused.startswith("error: another run holds")
        assert f"`mjpipe status {manifest}`" in refused
        assert len(studio.mjpipe("prune", manifest).out.splitlines()) == 4
    assert pictures(studio.folder / "out" / "teapots") == before
