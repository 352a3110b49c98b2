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

from tests.cli.in_process import InProcess, Output, at, sandbox
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{sku: A, name: heron}, {sku: B, name: duck}], key: sku}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
SHARED = "outputs: {dir: shared}\n"
AS_ANYBODY = ("setpriv", "--bounding-set", "-dac_override", "--") if os.geteuid() == 0 else ()
"""Root without the right to write where nobody may."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with sandbox(tmp_path / "service", pixels=512) as running:  # so large that a disk can be too small for them
        yield running


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
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


def constrained(inside: InProcess, *argv: object, under: Sequence[str]) -> Output:
    """The program as a process below another one, which puts a constraint on it.

    It writes no bytecode: of a module that nobody has imported before, half would stay for all later processes.
    """
    done = subprocess.run(
        [*under, sys.executable, "-m", "mjpipe", *map(str, argv)],
        env={**inside.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Output(code=done.returncode, out=done.stdout, err=done.stderr)


def test_a_disk_that_fills_up_stops_the_run_and_loses_nothing(
    mjpipe: InProcess, server: SandboxServer, birds: Path
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
        assert len(contents(folder / "out" / "birds")) == 4 * (2 - doubtful)
    asked = [str(task["request"]) for task in server.tasks()]
    assert len(asked) == len(set(asked))


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write everywhere")
@pytest.mark.parametrize("forbidden", ["the state", "the outputs"])
def test_a_folder_that_may_not_be_written_is_reported_before_anything_is_sent(
    mjpipe: InProcess, server: SandboxServer, birds: Path, forbidden: str
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


def test_the_records_of_another_campaign_are_never_replaced(
    mjpipe: InProcess, server: SandboxServer, birds: Path
) -> None:
    other = birds.with_name("other.yaml")
    others = BIRDS.replace("campaign: birds", "campaign: others").replace('"a {{', '"two {{')
    other.write_text(others + SHARED)
    birds.write_text(BIRDS + SHARED)
    mjpipe("run", birds, "--yes")
    outputs = birds.parent / "shared"
    records, first, sent = (outputs / "assets.jsonl").read_bytes(), contents(outputs), len(server.tasks())
    task = json.loads(records.splitlines()[0])["taskId"]
    fact = (
        f"`{outputs / 'assets.jsonl'}` lists 8 images of tasks that this campaign's state does not know;"
        f" the first is of `hero/A`, task `{task}`"
    )
    remedy = (
        "help: if another campaign made them, give this one an `outputs.dir` of its own;"
        " if this one did, name the state that knows them: --state DIR"
    )
    assert mjpipe("run", other, "--yes", code=2).err.splitlines()[-2:] == [f"error: {fact}", remedy]
    assert mjpipe("report", other, code=2).err.splitlines() == [f"error: {fact}", remedy]
    for looking in ("plan", "validate"):
        assert mjpipe(looking, other).err.splitlines()[2:4] == [f"warning: {fact}", remedy]
    assert ((outputs / "assets.jsonl").read_bytes(), contents(outputs)) == (records, first)
    assert len(server.tasks()) == sent
    other.write_text(others)
    assert mjpipe("run", other, "--yes").err.count("warning") == 0
    assert (outputs / "assets.jsonl").read_bytes() == records


def test_a_campaign_whose_state_is_gone_is_reported_before_it_pays_again(
    mjpipe: InProcess, server: SandboxServer, birds: Path
) -> None:
    mjpipe("run", birds, "--yes")
    (birds.parent / ".mjpipe").rename(birds.parent / "elsewhere")
    assert "warning: 2 paid results ($0.40) are recorded in" in mjpipe("plan", birds).err
    mjpipe("run", birds, "--yes", code=2)
    mjpipe("run", birds, "--yes", "--state", birds.parent / "elsewhere" / "birds")
    assert len(server.tasks()) == 2


def test_what_a_ledger_has_made_stays_its_own(mjpipe: InProcess, birds: Path) -> None:
    """Orphans, a part, images that were pruned, and tables that nobody wrote again."""
    mjpipe("run", birds, "--yes")
    records = (birds.parent / "out" / "birds" / "assets.jsonl").read_bytes()
    birds.write_text(BIRDS.replace("heron", "crane"))
    mjpipe("run", birds, "--yes", "--select", "hero/A")
    mjpipe("prune", birds, "--yes")
    (birds.parent / "out" / "birds" / "assets.jsonl").write_bytes(records + b'no JSON\n{"path": 1}\n["a list"]\n')
    assert "warning" not in mjpipe("plan", birds).err
    assert "warning" not in mjpipe("run", birds, "--yes").err


def test_records_of_the_sandbox_that_nobody_knows_are_set_aside(mjpipe: InProcess, birds: Path) -> None:
    outputs = birds.parent / "out" / "birds.sandbox"
    mjpipe("run", birds, "--sandbox")
    records = (outputs / "assets.jsonl").read_bytes()
    shutil.rmtree(birds.parent / ".mjpipe")
    said = mjpipe("run", birds, "--sandbox")
    assert said.out.splitlines()[-1] == "all done"
    assert said.err.startswith(f"warning: 2 results ($0.40) are recorded in `{outputs / 'assets.jsonl'}`, and this")
    kept = "held records of images that this campaign's state does not know; they are kept as"
    assert f"note: {outputs} {kept} {outputs / 'assets.1.jsonl'}" in said.err
    assert (outputs / "assets.1.jsonl").read_bytes() == records
    assert mjpipe("run", birds, "--sandbox").err.count("warning") == 0


def test_a_state_at_one_host_is_refused_to_another(
    mjpipe: InProcess, server: SandboxServer, birds: Path, tmp_path: Path
) -> None:
    mjpipe("run", birds, "--yes", "--sample", "1")
    with sandbox(tmp_path / "another", pixels=512) as another:
        refused = at(another)("run", birds, "--yes", code=2)
        assert refused.err.splitlines()[-2].startswith("error: this state belongs to the service at `127.0.0.1:")
        assert another.tasks() == []
        birds.write_text(BIRDS + "outputs: {dir: elsewhere}\n")
        at(another)("run", birds, "--yes", "--state", tmp_path / "other-state")
        assert len(another.tasks()) == 2
    birds.write_text(BIRDS)
    mjpipe("run", birds, "--yes")
    assert len(server.tasks()) == 2


def test_a_state_of_one_manifest_is_refused_to_another(mjpipe: InProcess, server: SandboxServer, birds: Path) -> None:
    mjpipe("run", birds, "--yes", "--sample", "1")
    other = birds.with_name("other.yaml")
    other.write_text(BIRDS)
    refused = mjpipe("run", other, "--yes", code=2)
    assert f"belongs to the manifest `{birds}`, not to `{birds.with_name('other.yaml')}`" in refused.err
    birds.unlink()
    mjpipe("run", other, "--yes")  # it was renamed
    assert len(server.tasks()) == 2


def test_paths_that_differ_by_case_alone_are_refused_before_anything_is_sent(
    mjpipe: InProcess, server: SandboxServer, birds: Path
) -> None:
    birds.write_text(
        BIRDS.replace("name: duck", "name: Heron") + 'outputs: {path: "{{ name }}/{{ number }}.{{ ext }}"}\n'
    )
    refused = mjpipe("run", birds, "--yes", code=2)
    assert "error[MJ086]: images of several jobs of `hero` would have the same path" in refused.err
    assert "capitals make no difference" in refused.err
    assert server.tasks() == []
    assert not (birds.parent / "out" / "birds").exists()


def test_a_sandbox_run_leaves_the_real_campaign_alone_and_the_real_one_the_sandboxs(
    mjpipe: InProcess, server: SandboxServer, birds: Path
) -> None:
    mjpipe("run", birds, "--sandbox")
    assert server.tasks() == []
    assert not (birds.parent / "out" / "birds").exists()
    played = contents(birds.parent / "out" / "birds.sandbox")
    assert mjpipe.plan(birds)["jobs"]["to_submit"] == 2
    mjpipe("run", birds, "--yes")
    assert contents(birds.parent / "out" / "birds.sandbox") == played
    assert len(server.tasks()) == 2


def test_the_key_is_nowhere(server: SandboxServer, birds: Path) -> None:
    key = "sk-of-which-no-trace-is-left"
    mjpipe = InProcess({**at(server).environment, "APIXO_API_KEY": key})
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
    mjpipe: InProcess, server: SandboxServer, birds: Path, tmp_path: Path, of: str
) -> None:
    """A person names a state folder that is not the one they mean."""
    state = tmp_path / "state"
    mjpipe("run", birds, "--yes", "--state", state)
    (tmp_path / "fish").mkdir()
    fish = tmp_path / "fish" / birds.name
    fish.write_text(BIRDS.replace("campaign: birds", "campaign: fish"))
    before, reports = contents(birds.parent), (birds.parent / "out" / "birds" / "report" / "costs.csv").read_bytes()
    for command, *argv in STRANGE:
        if of == "another campaign":
            said = mjpipe(command, fish, *argv, "--state", state, code=2)
            assert f"belongs to the manifest `{birds}`, not to `{fish}`" in said.err
        else:
            said = mjpipe(command, birds, *argv, "--state", state, "--sandbox", code=2)
            assert "belongs to the service at `127.0.0.1:" in said.err
    assert contents(tmp_path / "fish") == {}
    assert contents(birds.parent) == before
    assert (birds.parent / "out" / "birds" / "report" / "costs.csv").read_bytes() == reports
    assert len(server.tasks()) == 2


def test_the_sandboxs_state_is_not_taken_for_a_real_one(mjpipe: InProcess, server: SandboxServer, birds: Path) -> None:
    mjpipe("run", birds, "--sandbox", "--state", birds.parent / "state")
    refused = mjpipe("run", birds, "--yes", "--state", birds.parent / "state", code=2)
    assert refused.err.splitlines() == [
        f"error: the state in `{birds.parent / 'state'}` belongs to the sandbox",
        "help: add --sandbox, or name another state folder: --state DIR",
    ]
    assert server.tasks() == []


def test_a_link_to_a_manifest_that_was_run_does_not_buy_everything_again_without_a_word(
    mjpipe: InProcess, server: SandboxServer, birds: Path, tmp_path: Path
) -> None:
    link = tmp_path / "campaign.yaml"
    link.symlink_to(birds)
    mjpipe("plan", link)
    mjpipe("run", birds, "--yes")
    refused = mjpipe("run", link, "--yes", code=2)
    assert refused.err.splitlines()[-1] == (
        f"help: continue with `{birds}`, or start a separate one here with --state {tmp_path / '.mjpipe' / 'birds'}"
    )
    assert len(server.tasks()) == 2
    mjpipe("run", link, "--yes", "--state", tmp_path / ".mjpipe" / "birds", "--sample", "1")
    mjpipe("run", link, "--yes", "--sample", "1")  # it has begun
    assert len(server.tasks()) == 3
