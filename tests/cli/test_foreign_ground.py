"""Folders that are shared, full, read-only or somebody else's; hosts and paths that are not ours."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.inside import Inside, Said, at, sandbox
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{sku: A, name: heron}, {sku: B, name: duck}], key: sku}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
AS_ANYBODY = ("setpriv", "--bounding-set", "-dac_override", "--") if os.geteuid() == 0 else ()
"""Root without the right to write where nobody may."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with sandbox(tmp_path / "service", pixels=512) as running:  # so large that a disk can be too small for them
        yield running


@pytest.fixture
def mjpipe(server: SandboxServer) -> Inside:
    return at(server)


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    path = tmp_path / "birds" / "campaign.yaml"
    path.parent.mkdir()
    path.write_text(BIRDS)
    return path


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.png"))
    }


def constrained(inside: Inside, *argv: object, under: Sequence[str]) -> Said:
    """The program as a process below another one, which puts a constraint on it."""
    done = subprocess.run(
        [*under, sys.executable, "-m", "mjpipe", *map(str, argv)],
        env=dict(inside.environment),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Said(code=done.returncode, out=done.stdout, err=done.stderr)


def test_a_disk_that_fills_up_stops_the_run_and_loses_nothing(
    mjpipe: Inside, server: SandboxServer, birds: Path
) -> None:
    """No file can grow beyond a bound: with little room the ledger, with more the pictures."""
    for kilobytes in (40, 70, 120):
        folder = birds.parent / str(kilobytes)
        folder.mkdir()
        path = folder / birds.name
        path.write_text(BIRDS.replace("a {{", f"{kilobytes} {{{{"))
        bound = ("sh", "-c", f'ulimit -f {2 * kilobytes}; exec "$@"', "sh")  # in blocks of 512 bytes
        stopped = constrained(mjpipe, "run", path, "--yes", under=bound)
        assert stopped.code == 9, stopped
        assert [line.partition(": ")[0] for line in stopped.err.splitlines()[-2:]] == ["error", "help"], stopped.err
        after = mjpipe("run", path, "--yes", code=None)
        doubtful = json.loads(mjpipe("status", path, "--json").out)["jobs"]["in_doubt"]
        assert after.code == (6 if doubtful else 0)
        assert len(contents(folder / "out")) == 4 * (2 - doubtful)
    asked = [str(task["request"]) for task in server.tasks()]
    assert len(asked) == len(set(asked))


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write everywhere")
@pytest.mark.parametrize("forbidden", ["the state", "the outputs"])
def test_a_folder_that_may_not_be_written_is_told_before_anything_is_sent(
    mjpipe: Inside, server: SandboxServer, birds: Path, forbidden: str
) -> None:
    (birds.parent / (".mjpipe" if forbidden == "the outputs" else "out")).mkdir()
    birds.parent.chmod(0o555)
    try:
        refused = constrained(mjpipe, "run", birds, "--yes", under=AS_ANYBODY)
    finally:
        birds.parent.chmod(0o755)
    assert refused.code == 9, refused
    assert [line.partition(": ")[0] for line in refused.err.splitlines()[-2:]] == ["error", "help"], refused.err
    assert server.tasks() == []


def test_two_campaigns_in_one_output_folder_keep_their_pictures_apart(
    mjpipe: Inside, server: SandboxServer, birds: Path
) -> None:
    other = birds.with_name("other.yaml")
    other.write_text(BIRDS.replace("campaign: birds", "campaign: others").replace('"a {{', '"two {{'))
    mjpipe("run", birds, "--yes")
    outputs = birds.parent / "out"
    first = contents(outputs)
    said = mjpipe("run", other, "--yes", code=1)
    assert "is taken by a file that mjpipe did not write" in said.err
    assert contents(outputs) == first
    held = birds.parent / ".mjpipe" / "others" / "held"
    assert len([*held.iterdir()]) == 8
    other.write_text(other.read_text() + 'outputs: {path: "others/{{ key }}-{{ number }}.{{ ext }}"}\n')
    mjpipe("run", other)
    assert contents(outputs).items() > first.items()
    assert len(contents(outputs)) == 16
    assert len(server.tasks()) == 4
    mjpipe("run", birds)
    assert len(server.tasks()) == 4


def test_two_campaigns_in_one_output_folder_are_told_that_they_share_their_reports(mjpipe: Inside, birds: Path) -> None:
    other = birds.with_name("other.yaml")
    text = BIRDS.replace("campaign: birds", "campaign: others").replace('"a {{', '"two {{')
    other.write_text(text + 'outputs: {path: "others/{{ key }}-{{ number }}.{{ ext }}"}\n')
    shares = "held the reports of campaign `{}`, whose place these take; give each campaign an `outputs.dir` of its own"
    assert "held the reports" not in mjpipe("run", birds, "--yes").err
    assert shares.format("birds") in mjpipe("run", other, "--yes").err
    assert shares.format("others") in mjpipe("report", birds).err
    assert "held the reports" not in mjpipe("report", birds).err
    assert len((birds.parent / "out" / "assets.jsonl").read_text().splitlines()) == 8


def test_a_state_at_one_host_is_refused_to_another(
    mjpipe: Inside, server: SandboxServer, birds: Path, tmp_path: Path
) -> None:
    mjpipe("run", birds, "--yes", "--sample", "1")
    with sandbox(tmp_path / "another", pixels=512) as another:
        refused = at(another)("run", birds, "--yes", code=2)
        assert refused.err.splitlines()[-2].startswith("error: this state belongs to the service at `127.0.0.1:")
        assert another.tasks() == []
        at(another)("run", birds, "--yes", "--state", tmp_path / "other-state")
        assert len(another.tasks()) == 2
    mjpipe("run", birds, "--yes")
    assert len(server.tasks()) == 2


def test_a_state_of_one_manifest_is_refused_to_another(mjpipe: Inside, server: SandboxServer, birds: Path) -> None:
    mjpipe("run", birds, "--yes", "--sample", "1")
    other = birds.with_name("other.yaml")
    other.write_text(BIRDS)
    refused = mjpipe("run", other, "--yes", code=2)
    assert f"belongs to the manifest `{birds}`, not to `{birds.with_name('other.yaml')}`" in refused.err
    birds.unlink()
    mjpipe("run", other, "--yes")  # it was renamed
    assert len(server.tasks()) == 2


def test_paths_that_differ_by_case_alone_are_refused_before_anything_is_sent(
    mjpipe: Inside, server: SandboxServer, birds: Path
) -> None:
    birds.write_text(
        BIRDS.replace("name: duck", "name: Heron") + 'outputs: {path: "{{ name }}/{{ number }}.{{ ext }}"}\n'
    )
    refused = mjpipe("run", birds, "--yes", code=2)
    assert "error[MJ086]: images of several jobs of `hero` would have one path" in refused.err
    assert "capitals are not told apart" in refused.err
    assert server.tasks() == []
    assert not (birds.parent / "out").exists()


def test_a_sandbox_run_leaves_the_real_campaign_alone_and_the_real_one_the_sandboxs(
    mjpipe: Inside, server: SandboxServer, birds: Path
) -> None:
    mjpipe("run", birds, "--sandbox")
    assert server.tasks() == []
    assert not (birds.parent / "out").exists()
    played = contents(birds.parent / "out.sandbox")
    assert mjpipe.plan(birds)["jobs"]["to_submit"] == 2
    mjpipe("run", birds, "--yes")
    assert contents(birds.parent / "out.sandbox") == played
    assert len(server.tasks()) == 2


def test_the_key_is_nowhere(server: SandboxServer, birds: Path) -> None:
    key = "sk-of-which-no-trace-is-left"
    mjpipe = Inside({**at(server).environment, "APIXO_API_KEY": key})
    said = [mjpipe("run", birds, "--yes", "--junit", birds.parent / "junit.xml", "--by", "sku")]
    said += [mjpipe(name, birds) for name in ("status", "report", "plan", "resolve", "prune")]
    said.append(mjpipe("show", birds, "hero/A", "--json"))
    assert key not in "".join(text for each in said for text in (each.out, each.err))
    assert not [path for path in birds.parent.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


STRANGE = (
    ("run", "--yes"),
    ("run", "--dry-run"),
    ("plan",),
    ("status",),
    ("show", "hero/A"),
    ("report",),
    ("prune", "--yes"),
    ("resolve",),
    ("resolve", "hero/A", "--not-sent"),
    ("pick", "hero/A", "0"),
    ("expand",),
    ("graph",),
)


@pytest.mark.parametrize("of", ["another campaign", "the service"])
def test_no_command_takes_the_state_of_another_campaign_or_of_the_service_for_its_own(
    mjpipe: Inside, server: SandboxServer, birds: Path, tmp_path: Path, of: str
) -> None:
    """A person names a state folder that is not the one they mean."""
    state = tmp_path / "state"
    mjpipe("run", birds, "--yes", "--state", state)
    (tmp_path / "fish").mkdir()
    fish = tmp_path / "fish" / birds.name
    fish.write_text(BIRDS.replace("campaign: birds", "campaign: fish"))
    before, reports = contents(birds.parent), (birds.parent / "out" / "report" / "costs.csv").read_bytes()
    for command, *argv in STRANGE:
        if of == "another campaign":
            said = mjpipe(command, fish, *argv, "--state", state, code=2)
            assert f"belongs to the manifest `{birds}`, not to `{fish}`" in said.err
        else:
            said = mjpipe(command, birds, *argv, "--state", state, "--sandbox", code=2)
            assert "belongs to the service at `127.0.0.1:" in said.err
    assert contents(tmp_path / "fish") == {}
    assert contents(birds.parent) == before
    assert (birds.parent / "out" / "report" / "costs.csv").read_bytes() == reports
    assert len(server.tasks()) == 2


def test_the_sandboxs_state_is_not_taken_for_a_real_one(mjpipe: Inside, server: SandboxServer, birds: Path) -> None:
    mjpipe("run", birds, "--sandbox", "--state", birds.parent / "state")
    refused = mjpipe("run", birds, "--yes", "--state", birds.parent / "state", code=2)
    assert refused.err.splitlines() == [
        f"error: the state in `{birds.parent / 'state'}` belongs to the sandbox",
        "help: add --sandbox, or name another state folder: --state DIR",
    ]
    assert server.tasks() == []


def test_a_link_to_a_manifest_that_was_run_does_not_buy_everything_again_without_a_word(
    mjpipe: Inside, server: SandboxServer, birds: Path, tmp_path: Path
) -> None:
    link = tmp_path / "campaign.yaml"
    link.symlink_to(birds)
    mjpipe("plan", link)
    mjpipe("run", birds, "--yes")
    refused = mjpipe("run", link, "--yes", code=2)
    assert refused.err.splitlines()[-1] == (
        f"help: go on with `{birds}`, or begin one of its own here with --state {tmp_path / '.mjpipe' / 'birds'}"
    )
    assert len(server.tasks()) == 2
    mjpipe("run", link, "--yes", "--state", tmp_path / ".mjpipe" / "birds", "--sample", "1")
    mjpipe("run", link, "--yes", "--sample", "1")  # it has begun
    assert len(server.tasks()) == 3
