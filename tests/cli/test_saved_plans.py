"""A saved plan against what people do meanwhile: another plan is not carried out in its name."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mjpipe.domain import bundled_folder
from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""
LITTLE_ROOM = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))"
INFINITE = "1e999"
FITS_NOT = "the saved plan no longer fits: "


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


@pytest.fixture
def birds(tmp_path: Path, mjpipe: InProcess) -> Path:
    """A campaign whose pictures wait for a person's choice."""
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    mjpipe("run", tmp_path / "campaign.yaml", "--yes", code=5)
    return tmp_path / "campaign.yaml"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, server: SandboxServer) -> dict[str, Any]:
    """The document that a plan is saved as."""
    birds = tmp_path_factory.mktemp("planned") / "campaign.yaml"
    birds.write_text(BIRDS)
    document: dict[str, Any] = json.loads(saved(at(server), birds).read_text())
    return document


def saved(mjpipe: InProcess, birds: Path) -> Path:
    mjpipe("plan", birds, "--out", birds.with_name("plan.json"))
    return birds.with_name("plan.json")


def test_another_choice_is_not_carried_out_in_the_name_of_a_saved_plan(
    mjpipe: InProcess, birds: Path, server: SandboxServer
) -> None:
    mjpipe("pick", birds, "hero/heron", "0")
    plan, tasks = saved(mjpipe, birds), len(server.tasks())
    mjpipe("pick", birds, "hero/heron", "3")
    for also in ([], ["--dry-run"]):
        refused = mjpipe("run", birds, "--plan", plan, *also, code=2)
        assert f"{FITS_NOT}`picks.csv` has changed\nhelp: `mjpipe plan {birds} --against {plan}` shows" in refused.err
    assert len(server.tasks()) == tasks
    plan = saved(mjpipe, birds)
    mjpipe("run", birds, "--plan", plan, code=5)
    requests: list[Any] = [task["request"] for task in server.tasks()[tasks:]]
    assert [request["imageIndex"] for request in requests] == [3]


def test_the_next_command_after_saving_a_plan_is_to_run_it(mjpipe: InProcess, birds: Path) -> None:
    mjpipe("pick", birds, "hero/heron", "0")
    file = birds.with_name("my plan.json")
    said = mjpipe("plan", birds, "--out", file).err.splitlines()
    assert said == [f"wrote {file}", "next: run exactly this plan", f"mjpipe run {birds} --plan '{file}'"]


@pytest.mark.parametrize("before", [False, True], ids=["a file that comes", "a file that goes"])
def test_a_picks_file_that_comes_or_goes_has_changed(mjpipe: InProcess, birds: Path, *, before: bool) -> None:
    picks = birds.with_name("picks.csv")
    picks.write_text("key,decision,images\nhero/heron,pick,0\n")
    if not before:
        picks.rename(birds.with_name("later.csv"))
    plan = saved(mjpipe, birds)
    picks.unlink() if before else birds.with_name("later.csv").rename(picks)
    assert f"{FITS_NOT}`picks.csv` has changed" in mjpipe("run", birds, "--plan", plan, code=2).err


def test_a_run_that_refused_a_saved_plan_has_not_made_it_unfit(mjpipe: InProcess, birds: Path) -> None:
    """Though it has put on record which task a line is about."""
    picks = birds.with_name("picks.csv")
    picks.write_text("key,decision,images\nhero/heron,pick,0\n")
    plan = saved(mjpipe, birds)
    birds.write_text(BIRDS.replace("type: 0", "type: 1"))
    mjpipe("run", birds, "--plan", plan, code=2)
    birds.write_text(BIRDS)
    mjpipe("run", birds, "--plan", plan, code=5)


def test_a_dry_run_says_whether_a_saved_plan_fits(mjpipe: InProcess, birds: Path) -> None:
    plan = saved(mjpipe, birds)
    fits = mjpipe("run", birds, "--plan", plan, "--dry-run")
    assert ("Plan: nothing to submit, 2 done" in fits.out, fits.err) == (True, "")
    birds.write_text(BIRDS.replace("duck", "crane"))
    refused = mjpipe("run", birds, "--plan", plan, "--dry-run", code=2)
    assert f"{FITS_NOT}the manifest has changed; 1 job would be submitted, not 0" in refused.err
    missing = mjpipe("run", birds, "--plan", birds.with_name("none.json"), "--dry-run", code=2)
    assert "cannot be read: no such file or directory" in missing.err


@pytest.mark.parametrize("option", [("--by", "name"), ("--junit", "junit.xml"), ("--github",)])
def test_a_dry_run_writes_no_reports(mjpipe: InProcess, birds: Path, option: tuple[str, ...]) -> None:
    refused = mjpipe("run", birds, "--dry-run", *option, code=2)
    assert "--dry-run writes no reports" in refused.err


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("plan", {}),
        ("plan", []),
        ("plan", None),
        ("plan", {"jobs": {"to_submit": 1}}),
        ("nodes", [{"name": "hero"}]),
        ("nodes", None),
        ("by", {"column": "name"}),
        ("made_from", {}),
        ("inputs", ["picks.csv"]),
        ("inputs", [["picks.csv", "a hash"]]),
        ("inputs", {"picks.csv": ["a hash"]}),
        ("state", ["one"]),
        ("high_usd", "1e400"),
        ("high_usd", f"{'9' * 400}.00"),
        ("high_usd", 2.0),
        ("to_submit", INFINITE),
        ("to_submit", -1),
        ("to_submit", True),
        ("low_usd", INFINITE),
        ("saved_plan", 1.5),
        ("saved_plan", {}),
    ],
)
def test_what_is_no_saved_plan_is_called_so(
    tmp_path: Path, planned: dict[str, Any], mjpipe: InProcess, part: str, value: Any
) -> None:
    document = copy.deepcopy(planned)
    owners = [document, document["made_from"], document["plan"], *map(document["plan"].get, ("jobs", "cost"))]
    next((owner for owner in owners if part in owner), document["plan"])[part] = value
    birds, file = tmp_path / "campaign.yaml", tmp_path / "plan.json"
    birds.write_text(BIRDS)
    file.write_text(json.dumps(document).replace(f'"{INFINITE}"', INFINITE))
    for command in (("plan", birds, "--against", file), ("run", birds, "--plan", file)):
        assert f"`{file}` is not a saved plan" in mjpipe(*command, code=2).err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is not JSON"),
        (b"\xff\xfe", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"9" * 10_000, "it is not JSON"),
        (b"{}", "$: 'saved_plan' is a required property"),
    ],
    ids=["empty", "no text", "deep", "a long number", "another document"],
)
def test_a_file_that_cannot_be_a_saved_plan_is_read_no_further(
    tmp_path: Path, mjpipe: InProcess, content: bytes, said: str
) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    refused = mjpipe("plan", tmp_path / "campaign.yaml", "--against", file, code=2)
    remedy = f"save one: mjpipe plan {tmp_path / 'campaign.yaml'} --out FILE"
    assert refused.err == f"error: `{file}` is not a saved plan: {said}\nhelp: {remedy}\n"


def test_a_plan_of_a_part_is_carried_out_as_that_part(mjpipe: InProcess, tmp_path: Path, server: SandboxServer) -> None:
    birds, file = tmp_path / "campaign.yaml", tmp_path / "plan.json"
    birds.write_text(BIRDS)
    mjpipe("plan", birds, "--exclude", "*/her*", "--out", file)
    assert json.loads(file.read_text())["part"] == {"exclude": ["*/her*"]}
    refused = mjpipe("run", birds, "--plan", file, "--select", "hero", code=2)
    assert refused.err == (
        "error: the saved plan is of --exclude '*/her*', and this run would be of --select hero\n"
        "help: leave these options out: a run with --plan makes the part that was saved\n"
    )
    assert "Plan: 1 to submit" in mjpipe("run", birds, "--plan", file, "--exclude", "*/her*", "--dry-run").out
    tasks = len(server.tasks())
    mjpipe("run", birds, "--plan", file, code=None)
    requests: list[Any] = [task["request"] for task in server.tasks()[tasks:]]
    assert [request["prompt"] for request in requests] == ["a duck"]


def test_a_difference_is_of_the_part_that_was_saved_unless_another_is_asked_for(mjpipe: InProcess, birds: Path) -> None:
    file = birds.with_name("plan.json")
    mjpipe("plan", birds, "--select", "hero/duck", "--out", file)
    birds.write_text(BIRDS.replace('"a {{', '"one {{'))
    assert mjpipe("plan", birds, "--against", file).out == (
        "in all: 0 -> 1 to submit (+1), $0.00 -> $0.20 (+$0.20)\n"
        "node hero: 0 -> 1 to submit (+1), $0.00 -> $0.20 (+$0.20)\n"
        "2 jobs become orphans (paid $0.40, kept)\n"
    )
    assert mjpipe("plan", birds, "--against", file, "--select", "*", "--markdown").out == (
        "### Changes to the plan of `birds`\n"
        "\n"
        "the saved plan is of --select hero/duck, this one of --select '\\*'\n"
        "\n"
        "| | to submit | cost |\n"
        "| --- | --- | --- |\n"
        "| in all | 0 -> 2 to submit (+2) | $0.00 -> $0.40 (+$0.40), up to $0.00 -> $2.80 (+$2.80) |\n"
        "| node hero | 0 -> 2 to submit (+2) | $0.00 -> $0.40 (+$0.40) |\n"
        "| node final | 0 -> 0 to submit (+0) | $0.00 -> $0.00 (+$0.00), up to $0.00 -> $2.40 (+$2.40) |\n"
        "\n"
        "2 jobs become orphans (paid $0.40, kept)\n"
    )
    document = json.loads(mjpipe("plan", birds, "--against", file, "--exclude", "final", "--json").out)
    schema = json.loads((bundled_folder("schemas") / "plan-difference.schema.json").read_text())
    Draft202012Validator(schema).validate(document)
    assert document["parts"] == {"before": "--select hero/duck", "after": "--exclude final"}
    assert document["differences"][0]["after"] == {"to_submit": 2, "low_usd": "0.40", "high_usd": "0.40"}


def test_where_no_sum_differs_the_edit_is_named_that_keeps_the_saved_plan_from_being_run(
    mjpipe: InProcess, birds: Path
) -> None:
    file = birds.with_name("plan.json")
    birds.write_text(BIRDS.replace('"a {{', '"one {{'))
    mjpipe("plan", birds, "--out", file)
    assert mjpipe("plan", birds, "--against", file).out == "nothing differs\n"
    birds.write_text(BIRDS.replace('"a {{', '"any {{'))
    same = "jobs and costs are the same, but the manifest has changed\n"
    assert mjpipe("plan", birds, "--against", file).out == same
    assert mjpipe("plan", birds, "--against", file, "--markdown").out.endswith(f"\n\n{same}")


def test_a_plan_of_a_newer_release_is_called_so(tmp_path: Path, mjpipe: InProcess) -> None:
    file = tmp_path / "plan.json"
    file.write_text('{"saved_plan": 2, "plan": "of another form"}')
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    refused = mjpipe("run", tmp_path / "campaign.yaml", "--plan", file, code=2)
    assert f"`{file}` was saved by a newer release of mjpipe\n" in refused.err


@pytest.mark.parametrize("before", [b"the old plan", None], ids=["over an older one", "a first one"])
def test_a_save_that_the_disk_cuts_short_leaves_what_was_there(tmp_path: Path, before: bytes | None) -> None:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    if before is not None:
        (tmp_path / "plan.json").write_bytes(before)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    save = f"{LITTLE_ROOM}; from mjpipe.cli import main; main(['plan', 'campaign.yaml', '--out', 'plan.json'])"
    said = subprocess.run([sys.executable, "-B", "-c", save], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 9
    assert said.stderr == (
        "error: `plan.json` cannot be written: file too large\n"
        "help: check the disk (`df`) and the permissions; then save the plan again\n"
    )
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


NEEDED = ["campaign.yaml", "birds.csv", "picks.csv", ".mjpipe/birds/ledger.sqlite", "link", "campaign.receipts/*.jsonl"]
BIRDS_OF_A_TABLE = BIRDS.replace("{rows: [{name: heron}, {name: duck}], key: name}", "{csv: birds.csv, key: name}")


@pytest.mark.parametrize("name", NEEDED)
def test_a_plan_is_not_saved_over_what_the_campaign_needs(mjpipe: InProcess, tmp_path: Path, name: str) -> None:
    (tmp_path / "birds.csv").write_text("name\nheron\n")
    (tmp_path / "campaign.yaml").write_text(BIRDS_OF_A_TABLE)
    mjpipe("run", tmp_path / "campaign.yaml", "--yes", code=5)
    (tmp_path / "picks.csv").write_text("key,decision,images\n")
    (tmp_path / "link").symlink_to("campaign.yaml")
    (file,) = tmp_path.glob(name)
    before = file.read_bytes()
    refused = mjpipe("plan", tmp_path / "campaign.yaml", "--out", file, code=2)
    assert refused.err.endswith(
        f"error: `{file}` would be replaced, and the campaign needs it\nhelp: name another file\n"
    )
    assert file.read_bytes() == before


@pytest.mark.parametrize("command", [("run", "--yes"), ("report",)], ids=lambda command: command[0])
def test_a_report_is_not_written_over_the_manifest(
    mjpipe: InProcess, birds: Path, server: SandboxServer, command: tuple[str, ...]
) -> None:
    sent = len(server.tasks())
    mjpipe(command[0], birds, *command[1:], "--junit", birds, code=2)
    assert (birds.read_text(), len(server.tasks())) == (BIRDS, sent)
