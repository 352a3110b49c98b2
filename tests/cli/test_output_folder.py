"""The output folder: whose it is, where it is, and what stands in it before a run."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{sku: A, name: heron}, {sku: B, name: duck}], key: sku}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
FISH = BIRDS.replace("campaign: birds", "campaign: fish").replace('"a {{', '"two {{')


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def paid(service: SandboxServer) -> "Paid":
    return Paid(service)


@pytest.fixture
def mjpipe(service: SandboxServer) -> InProcess:
    return at(service)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "campaigns").mkdir()
    return tmp_path / "campaigns"


@pytest.fixture
def birds(home: Path) -> Path:
    path = home / "birds.yaml"
    path.write_text(BIRDS)
    return path


class Paid:
    """How many tasks the service has accepted since the test began."""

    def __init__(self, service: SandboxServer) -> None:
        self._service, self._before = service, len(service.tasks())

    def __call__(self) -> int:
        return len(self._service.tasks()) - self._before


def images(folder: Path) -> dict[str, str]:
    """SHA-256 of each image below a folder, by its path."""
    found = sorted(folder.rglob("*.png"))
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in found}


def test_each_of_two_campaigns_beside_each_other_has_an_output_folder_and_no_warning(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    fish = birds.with_name("fish.yaml")
    fish.write_text(FISH)
    for manifest in (birds, fish, birds, fish):
        assert "warning" not in mjpipe("plan", manifest).err
        assert "warning" not in mjpipe("run", manifest, "--yes").err
    assert sorted(path.name for path in (birds.parent / "out").iterdir()) == ["birds", "fish"]
    assert [len(images(birds.parent / "out" / name)) for name in ("birds", "fish")] == [8, 8]
    assert paid() == 4


@pytest.mark.parametrize("where", [(), ("--sandbox",)], ids=["service", "sandbox"])
def test_a_campaign_that_has_its_images_in_another_folder_stays_there_until_the_manifest_names_one(
    mjpipe: InProcess, birds: Path, where: tuple[str, ...]
) -> None:
    """As those of older releases have, whose usual folder was `out`."""
    ending = ".sandbox" if where else ""
    birds.write_text(BIRDS + "outputs: {dir: out}\n")
    mjpipe("run", birds, "--yes", *where)
    made = images(birds.parent)
    assert {path.split("/")[0] for path in made} == {f"out{ending}"}
    birds.write_text(BIRDS.replace("name: duck", "name: swan"))
    for command in ("plan", "status", "report"):
        assert "warning" not in mjpipe(command, birds, *where).err
    mjpipe("run", birds, "--yes", *where)
    assert {path: digest for path, digest in images(birds.parent).items() if "/hero/A" in path} == {
        path: digest for path, digest in made.items() if "/hero/A" in path
    }
    assert not (birds.parent / "out" / f"birds{ending}").exists()
    birds.write_text(BIRDS + "outputs: {dir: out/birds}\n")
    assert mjpipe("run", birds, *where).out.splitlines()[-1] == "all done"
    assert (
        images(birds.parent / "out" / f"birds{ending}").items()
        >= {path.removeprefix(f"out{ending}/"): digest for path, digest in made.items()}.items()
    )


def test_manifest_and_output_folder_may_be_moved_together(mjpipe: InProcess, birds: Path, paid: Paid) -> None:
    mjpipe("run", birds, "--yes")
    made = images(birds.parent)
    moved = birds.parent.rename(birds.parent.with_name("moved"))
    said = mjpipe("run", moved / birds.name)
    assert (said.out.splitlines()[-1], "warning" in said.err) == ("all done", False)
    assert (images(moved), paid()) == (made, 2)


def test_an_output_folder_is_found_from_the_manifests_folder_wherever_the_state_is(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    birds.write_text(BIRDS + "outputs: {dir: pictures}\n")
    state = birds.parent / "elsewhere"
    mjpipe("run", birds, "--yes", "--state", state)
    birds.write_text(BIRDS)
    assert mjpipe("run", birds, "--state", state).out.splitlines()[-1] == "all done"
    assert ({path.split("/")[0] for path in images(birds.parent)}, paid()) == ({"pictures"}, 2)
