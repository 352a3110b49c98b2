"""A campaign that was renamed, and says so with `was`, keeps its state, its images, and the sandbox's."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.ledger import Ledger, StateFolder
from tests.cli.in_process import InProcess, Output, at, sandbox
from tests.cli.program import SandboxServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("service")) as running:
        yield running


class Birds:
    """A campaign `spring` that was made, in the sandbox too."""

    def __init__(self, folder: Path, server: SandboxServer) -> None:
        self.mjpipe: InProcess = at(server)
        self.folder = folder
        self.manifest = folder / "campaign.yaml"
        self._server = server
        self._before = len(server.tasks())
        self.write("spring")
        self.mjpipe("run", self.manifest, "--yes")
        self.mjpipe("run", self.manifest, "--sandbox")
        assert (self.bill, self.states) == (2, ["spring", "spring.sandbox"])

    @property
    def bill(self) -> int:
        return len(self._server.tasks()) - self._before

    @property
    def states(self) -> list[str]:
        return sorted(path.name for path in (self.folder / ".mjpipe").iterdir() if path.is_dir())

    def write(self, name: str, was: str | Sequence[str] | None = None, *, prompt: str = "a {{ name }}") -> None:
        hero = {"kind": "generate", "for_each": ["birds"], "params": {"prompt": prompt}}
        document = {
            "mjpipe": 1,
            "campaign": name,
            **({} if was is None else {"was": was}),
            "inputs": {"birds": {"rows": [{"sku": "A", "name": "heron"}, {"sku": "B", "name": "duck"}], "key": "sku"}},
            "limits": {"requests_per_second": 1000},
            "nodes": {"hero": hero},
        }
        self.manifest.write_text(json.dumps(document))

    def done(self, *argv: str) -> Output:
        """A run that has nothing to do and warns of nothing: the images are where they were."""
        said = self.mjpipe("run", self.manifest, *argv)
        assert "8 images in" in said.out
        assert "warning" not in said.err
        assert self.bill == 2
        return said


@pytest.fixture
def birds(tmp_path: Path, server: SandboxServer) -> Birds:
    return Birds(tmp_path, server)


def test_the_next_run_renames_both_states_and_the_word_may_go(birds: Birds) -> None:
    birds.write("summer", "spring")
    assert str(birds.folder / "out" / "spring") in birds.done().out
    assert birds.states == ["summer", "summer.sandbox"]
    birds.done("--sandbox")
    birds.write("summer")
    birds.done()
    birds.done("--sandbox")
    assert birds.states == ["summer", "summer.sandbox"]


def test_adopt_renames_both_states_too(birds: Birds) -> None:
    birds.write("summer", "spring")
    birds.mjpipe("adopt", birds.manifest)
    assert birds.states == ["summer", "summer.sandbox"]
    birds.done()


def test_who_only_reads_leaves_the_state_where_it_is(birds: Birds) -> None:
    birds.write("summer", ["autumn", "spring"])
    assert birds.mjpipe.plan(birds.manifest)["jobs"]["done"] == 2
    for reading in (
        ("status", birds.manifest),
        ("run", birds.manifest, "--dry-run"),
        ("show", birds.manifest, "hero/A"),
        ("report", birds.manifest),
        ("resolve", birds.manifest),
        ("prune", birds.manifest),
        ("pick", birds.manifest, "hero/A", 0),
    ):
        birds.mjpipe(*reading)
        assert birds.states == ["spring", "spring.sandbox"]


def test_who_writes_renames_the_state(birds: Birds) -> None:
    birds.write("summer", "spring")
    birds.mjpipe("prune", birds.manifest, "--yes")
    assert birds.states == ["summer", "summer.sandbox"]
    birds.write("autumn", "summer")
    birds.mjpipe("resolve", birds.manifest, "hero/A", "--not-sent", code=2)
    assert birds.states == ["autumn", "autumn.sandbox"]


def test_a_state_that_was_planned_and_never_sent_gives_way(birds: Birds) -> None:
    birds.write("summer")
    birds.mjpipe("run", birds.manifest, "--budget", "0.01", code=None)
    assert birds.states == ["spring", "spring.sandbox", "summer"]
    birds.write("summer", "spring")
    birds.done()
    assert birds.states == ["summer", "summer.sandbox"]


def test_two_states_of_one_campaign_are_refused(birds: Birds) -> None:
    birds.write("summer", prompt="another {{ name }}")
    birds.mjpipe("run", birds.manifest, "--yes")
    birds.write("summer", "spring", prompt="another {{ name }}")
    states = birds.folder / ".mjpipe"
    for command in ("run", "plan", "status"):
        assert birds.mjpipe(command, birds.manifest, code=2).err == (
            f"error: there are two states of this campaign: `{states / 'summer'}` and, because of `was`, "
            f"`{states / 'spring'}`\n"
            f"help: to carry on with `{states / 'summer'}`, remove `was: spring`; "
            f"else move `{states / 'summer'}` away\n"
        )
    assert birds.states == ["spring", "spring.sandbox", "summer"]
    birds.write("winter", ["summer", "spring"])
    birds.mjpipe("run", birds.manifest, "--yes", code=2)
    assert birds.states == ["spring", "spring.sandbox", "summer"]


def test_two_states_of_the_sandbox_do_not_stop_a_run(birds: Birds) -> None:
    birds.write("summer")
    birds.mjpipe("run", birds.manifest, "--sandbox")
    birds.write("summer", "spring")
    birds.done()
    assert birds.states == ["spring.sandbox", "summer", "summer.sandbox"]
    birds.mjpipe("run", birds.manifest, "--sandbox", code=2)


def test_a_state_that_a_run_holds_is_not_renamed(birds: Birds) -> None:
    birds.write("summer", "spring")
    with StateFolder(birds.folder / ".mjpipe" / "spring").lock():
        assert birds.mjpipe("run", birds.manifest, code=7).out == ""
    assert birds.states == ["spring", "spring.sandbox"]
    with StateFolder(birds.folder / ".mjpipe" / "spring.sandbox").lock():
        birds.done()
    assert birds.states == ["spring.sandbox", "summer"]
    birds.done()
    assert birds.states == ["summer", "summer.sandbox"]


def test_what_a_kill_left_undone_is_done_by_the_next_command(birds: Birds) -> None:
    """Before the first folder was renamed, and before the second."""
    states = birds.folder / ".mjpipe"
    birds.write("summer", "spring")
    birds.mjpipe("run", birds.manifest, "--budget", "0.01", code=None)
    with closing(Ledger.open(states / "other" / "ledger.sqlite")):
        pass
    (states / "summer").rename(states / "spring")
    (states / "other").rename(states / "spring" / ".replaced")
    birds.done()
    assert birds.states == ["summer", "summer.sandbox"]
    assert not (states / "summer" / ".replaced").exists()
    (states / "summer.sandbox").rename(states / "spring.sandbox")
    birds.done()
    assert birds.states == ["summer", "summer.sandbox"]


def test_the_state_of_another_manifest_is_not_taken(birds: Birds) -> None:
    """Somebody copied a manifest, its `was` too."""
    kept = birds.manifest
    birds.manifest = birds.folder / "copy.yaml"
    birds.write("summer", "spring")
    refused = birds.mjpipe("run", birds.manifest, "--yes", code=2).err
    assert f"belongs to the manifest `{kept}`" in refused
    assert birds.states == ["spring", "spring.sandbox"]
    assert birds.bill == 2


def test_a_state_of_its_own_place_keeps_it(birds: Birds, tmp_path: Path) -> None:
    birds.write("summer", "spring")
    birds.mjpipe("run", birds.manifest, "--yes", "--state", tmp_path / "elsewhere", code=None)
    assert birds.states == ["spring", "spring.sandbox"]


def test_a_link_to_a_renamed_campaign_does_not_start_over(birds: Birds, tmp_path: Path) -> None:
    birds.write("summer", "spring")
    link = tmp_path / "elsewhere" / "campaign.yaml"
    link.parent.mkdir()
    link.symlink_to(birds.manifest)
    state = birds.folder / ".mjpipe" / "spring"
    assert f"is a link to `{birds.manifest}`, whose campaign has its state in `{state}`" in (
        birds.mjpipe("run", link, "--yes", code=2).err
    )
    assert birds.bill == 2
