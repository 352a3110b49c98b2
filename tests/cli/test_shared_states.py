"""Who gets at a state: nobody else; and in the folder of a team, the team."""

import os
import stat
from pathlib import Path

import pytest

from tests.cli.in_process import at, sandbox
from tests.permissions import TEAM, acting_as, needs_other_people, needs_permissions, shared_folder

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {csv: birds.csv, key: name}}
limits: {requests_per_second: 1000}
outputs: {dir: out}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""


def birds(folder: Path, *names: str) -> Path:
    (folder / "birds.csv").write_text("\n".join(("name", *names, "")))
    (folder / "campaign.yaml").write_text(BIRDS)
    return folder / "campaign.yaml"


@needs_permissions
@pytest.mark.parametrize("options", [(), ("--sandbox",)])
def test_a_state_is_closed_to_others(tmp_path: Path, options: tuple[str, ...]) -> None:
    with sandbox(tmp_path / "service") as server:
        at(server)("run", birds(tmp_path, "heron"), "--yes", *options)
    state = tmp_path / ".mjpipe"
    found = {path.relative_to(state).as_posix(): path.stat().st_mode & 0o007 for path in (state, *state.rglob("*"))}
    assert {path for path, mode in found.items() if mode} == set()
    assert any(path.endswith("ledger.sqlite") for path in found)


@needs_other_people
@pytest.mark.parametrize("options", [(), ("--sandbox",)])
@pytest.mark.parametrize("umask", [0o022, 0o027])
def test_two_people_of_a_team_take_turns_in_a_folder_that_hands_its_group_down(
    tmp_path: Path, options: tuple[str, ...], umask: int
) -> None:
    first, second = 65_001, 65_002
    with sandbox(tmp_path / "service") as server, shared_folder() as shared:
        mjpipe = at(server)
        # Whatever is imported late is imported now: root's Python may lie where nobody else may look.
        mjpipe("run", birds(tmp_path, "heron"), "--yes", *options)
        team = shared / "team"
        team.mkdir()
        os.chown(team, 0, TEAM)
        team.chmod(0o2775)
        with acting_as(first, umask=umask):
            manifest = birds(team, "heron")
            mjpipe("run", manifest, "--yes", *options)
        birds(team, "heron", "duck")
        manifest.chmod(0o664)
        (team / "birds.csv").chmod(0o664)
        with acting_as(second, umask=umask):
            assert "1 to submit" in mjpipe("plan", manifest, *options).out
            mjpipe("run", manifest, "--yes", *options)
        birds(team, "heron", "duck", "swan")
        with acting_as(first, umask=umask):
            mjpipe("run", manifest, "--yes", *options)
        state = team / ".mjpipe"
        assert {stat.filemode(path.stat().st_mode)[-3:] for path in state.rglob("*")} == {"---"}
        assert len(server.tasks()) == (0 if options else 4)
