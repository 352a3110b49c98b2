"""What was paid for and the state does not know: a run is refused before it pays again, and legitimate ways pass."""

import json
import shutil
import signal
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess, Output, at, sandbox
from tests.cli.program import Mjpipe as Program
from tests.cli.program import SandboxServer, wait_for_tasks

LOST = """
mjpipe: 1
campaign: lost
inputs: {products: {rows: [{sku: L-1, name: jug}, {sku: L-2, name: bowl}], key: sku}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [products], params: {prompt: "a {{ name }} on a table"}}
"""
BIG = "  big: {kind: upscale, from: hero, images: [0], params: {type: 0}}\n"
PICKED = "  big: {kind: upscale, from: hero, images: pick, params: {type: 0}}\n"


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    path = tmp_path / "lost" / "campaign.yaml"
    path.parent.mkdir()
    path.write_text(LOST)
    return path


class Refused:
    """Runs and plans a manifest that must not be run, and compares what is said; the service gets no request."""

    def __init__(self, mjpipe: InProcess, server: SandboxServer) -> None:
        self.mjpipe = mjpipe
        self.server = server

    def __call__(self, manifest: Path, evidence: str, remedy: str) -> None:
        before = self.server.tasks()
        refused = self.mjpipe("run", manifest, "--yes", code=2)
        assert refused.err.splitlines()[-2:] == [f"error: {evidence}", f"help: {remedy}"]
        assert self.mjpipe("plan", manifest).err.splitlines() == [f"warning: {evidence}", f"help: {remedy}"]
        assert self.server.tasks() == before


@pytest.fixture
def refused(mjpipe: InProcess, server: SandboxServer) -> Refused:
    return Refused(mjpipe, server)


def first_task(server: SandboxServer, words: str) -> str:
    """The id of the task whose prompt has these words."""
    return next(str(task["taskId"]) for task in server.tasks() if words in json.dumps(task["request"]))


def adopt_or_pay(manifest: Path, usd: str, them: str = "them") -> str:
    return (
        f"`mjpipe adopt {manifest}` takes {them} over, and nothing is paid again; "
        f"`mjpipe run {manifest} --buy-again {usd}` pays again"
    )


def receipts_of(manifest: Path) -> Path:
    return manifest.with_name(f"{manifest.stem}.receipts")


def is_silent(said: Output) -> bool:
    return "warning" not in said.err and "error" not in said.err


def test_a_deleted_state_is_reported_before_anything_is_bought_again(
    mjpipe: InProcess, server: SandboxServer, lost: Path, refused: Refused
) -> None:
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    folder = lost.parent / ".mjpipe" / "lost"
    refused(
        lost,
        f"2 paid results ($0.40) are recorded in `{receipts_of(lost)}`, and this campaign has no state in `{folder}`"
        f" that knows them; the first is of `hero/L-1`, task `{first_task(server, 'jug')}`",
        adopt_or_pay(lost, "0.40"),
    )


def test_where_it_is_recorded_is_named_once_from_the_manifests_own_folder(
    mjpipe: InProcess, lost: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lost.parent)
    mjpipe("run", lost.name, "--yes")
    shutil.rmtree(".mjpipe")
    refused = mjpipe("run", lost.name, "--yes", code=2).err
    assert "2 paid results ($0.40) are recorded in `campaign.receipts`, and this campaign" in refused


@pytest.mark.parametrize("kept", ["receipts", "outputs"])
def test_either_the_receipts_or_the_outputs_are_enough(
    mjpipe: InProcess, server: SandboxServer, lost: Path, kept: str
) -> None:
    lost.write_text(LOST + BIG)
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    shutil.rmtree(lost.parent / "out" if kept == "receipts" else receipts_of(lost))
    place = receipts_of(lost) if kept == "receipts" else lost.parent / "out" / "lost" / "assets.jsonl"
    refused = mjpipe("run", lost, "--yes", code=2)
    assert f"error: 4 paid results ($1.00) are recorded in `{place}`, and this campaign has no state" in refused.err
    assert len(server.tasks()) == 4


def test_what_followed_from_picks_is_counted_though_the_plan_does_not_know_the_picked_job_yet(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    lost.write_text(LOST + PICKED)
    mjpipe("run", lost, "--yes", code=5)
    mjpipe("pick", lost, "hero/L-1", "2")
    mjpipe("run", lost, "--yes", code=5)
    shutil.rmtree(lost.parent / ".mjpipe")
    assert "error: 3 paid results ($0.70) are recorded" in mjpipe("run", lost, "--yes", code=2).err
    assert len(server.tasks()) == 3


def test_an_older_backup_is_behind_its_receipts(
    mjpipe: InProcess, server: SandboxServer, lost: Path, refused: Refused
) -> None:
    mjpipe("run", lost, "--yes", "--select", "hero/L-1")
    folder = lost.parent / ".mjpipe" / "lost"
    shutil.copytree(folder, lost.parent / "backup")
    mjpipe("run", lost, "--yes")
    shutil.rmtree(folder)
    (lost.parent / "backup").rename(folder)
    places = f"`{receipts_of(lost)}`"
    refused(
        lost,
        f"1 paid result ($0.20) is recorded in {places}, and the state in `{folder}` does not know it;"
        f" the first is of `hero/L-2`, task `{first_task(server, 'bowl')}`",
        adopt_or_pay(lost, "0.20", "it"),
    )


def test_a_state_that_lost_its_last_changes_in_a_crash_is_behind(lost: Path, tmp_path: Path) -> None:
    """A run is killed, and the file in which SQLite has its last changes is lost."""
    with sandbox(tmp_path / "slow", speed_up=1) as server:
        mjpipe = Program(lost.parent, at(server).environment)
        run = mjpipe.start("run", lost.name, "--yes")
        wait_for_tasks(server, 2, run)
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=60)
        for beside in (lost.parent / ".mjpipe" / "lost").glob("ledger.sqlite-*"):
            beside.unlink()
        sent = len(server.tasks())
        refused = mjpipe("run", lost.name, "--yes", code=2)
        assert "takes them over, and nothing is paid again" in refused.stderr
        assert len(server.tasks()) == sent


def test_a_renamed_campaign_is_reported_before_it_buys_everything_again(
    mjpipe: InProcess, server: SandboxServer, lost: Path, refused: Refused
) -> None:
    mjpipe("run", lost, "--yes")
    lost.write_text(LOST.replace("campaign: lost", "campaign: found"))
    refused(
        lost,
        f"campaign `lost` has made what this plan asks for: 2 paid results ($0.40) are recorded in"
        f" `{receipts_of(lost)}`; the first is of `hero/L-1`, task `{first_task(server, 'jug')}`",
        "if it is this campaign under its old name, write `was: lost` at the top of the manifest;"
        f" `mjpipe run {lost} --buy-again 0.40` pays again",
    )


@pytest.mark.parametrize("receipts", ["receipts", "none"])
def test_a_campaign_is_known_under_its_old_name_also_where_a_node_was_renamed_before(
    mjpipe: InProcess, server: SandboxServer, lost: Path, receipts: str
) -> None:
    lost.write_text(f"{LOST}{BIG}receipts: {receipts}\n")
    mjpipe("run", lost, "--yes")
    renamed = lost.read_text().replace("hero", "packshot")
    lost.write_text(renamed.replace("kind: generate", "was: hero, kind: generate"))
    mjpipe("run", lost, "--yes")
    lost.write_text(renamed.replace("campaign: lost", "campaign: found"))
    refused = mjpipe("run", lost, "--yes", code=2)
    assert "error: campaign `lost` has made what this plan asks for: 4 paid results ($1.00)" in refused.err
    assert len(server.tasks()) == 4


def test_what_a_campaign_made_under_a_former_name_is_its_own_when_the_state_is_lost(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    lost.write_text(LOST.replace("campaign: lost", "campaign: found\nwas: lost"))
    refused = mjpipe("run", lost, "--yes", code=2)
    assert f"error: 2 paid results ($0.40) are recorded in `{receipts_of(lost)}`, and this campaign" in refused.err
    assert len(server.tasks()) == 2


def test_a_renamed_campaign_without_receipts_is_known_by_its_state(
    mjpipe: InProcess, server: SandboxServer, lost: Path, refused: Refused
) -> None:
    lost.write_text(LOST + "receipts: none\n")
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / "out")
    lost.write_text(lost.read_text().replace("campaign: lost", "campaign: found"))
    refused(
        lost,
        f"campaign `lost` has made what this plan asks for: 2 paid results ($0.40) are recorded in"
        f" `{lost.parent / '.mjpipe' / 'lost'}`; the first is of `hero/L-1`, task `{first_task(server, 'jug')}`",
        "if it is this campaign under its old name, write `was: lost` at the top of the manifest;"
        f" `mjpipe run {lost} --buy-again 0.40` pays again",
    )


def test_a_renamed_campaign_without_state_and_receipts_is_known_by_its_output_folder(
    mjpipe: InProcess, server: SandboxServer, lost: Path, refused: Refused
) -> None:
    lost.write_text(LOST + "receipts: none\n")
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    lost.write_text(lost.read_text().replace("campaign: lost", "campaign: found"))
    refused(
        lost,
        f"campaign `lost` has made what this plan asks for: 2 paid results ($0.40) are recorded in"
        f" `{lost.parent / 'out' / 'lost' / 'assets.jsonl'}`; the first is of `hero/L-1`,"
        f" task `{first_task(server, 'jug')}`",
        "if it is this campaign under its old name, write `was: lost` at the top of the manifest;"
        f" `mjpipe run {lost} --buy-again 0.40` pays again",
    )


def test_images_tell_under_which_name_a_node_was_first_made(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    """A name that the state did not know counted in its first run: it is part of the fingerprints."""
    lost.write_text(f"{LOST.replace('{kind', '{was: earlier, kind')}receipts: none\n")
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    assert mjpipe("adopt", lost).out == "adopted 2 attempts ($0.40): 2 done\n"
    mjpipe("run", lost, "--yes")
    assert len(server.tasks()) == 2


def test_a_seasons_folder_that_was_copied_for_the_next_does_not_buy_the_old_products_again(
    mjpipe: InProcess, server: SandboxServer, lost: Path, tmp_path: Path
) -> None:
    mjpipe("run", lost, "--yes")
    shutil.copytree(lost.parent, tmp_path / "autumn")
    autumn = tmp_path / "autumn" / lost.name
    autumn.write_text(LOST.replace("campaign: lost", "campaign: autumn").replace("{sku: L-2", "{sku: A-1"))
    refused = mjpipe("run", autumn, "--yes", code=2)
    assert "error: campaign `lost` has made what this plan asks for: 2 paid results ($0.40)" in refused.err
    autumn.write_text(LOST.replace("campaign: lost", "campaign: autumn").replace("on a table", "in the grass"))
    assert is_silent(mjpipe("run", autumn, "--yes"))
    assert len(server.tasks()) == 4


def test_a_node_that_was_renamed_after_the_state_was_lost_is_reported(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    lost.write_text(LOST + BIG)
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    lost.write_text(lost.read_text().replace("hero", "packshot"))
    refused = mjpipe("run", lost, "--yes", code=2)
    assert (
        f"error: node `packshot` asks for what `hero`, which is gone from the manifest, has made: 4 paid results"
        f" ($1.00) are recorded in `{receipts_of(lost)}`"
    ) in refused.err
    assert (
        "help: if it was renamed, say `was: hero` in `packshot`; to pay again, say `was: []` in `packshot`"
    ) in refused.err
    lost.write_text(lost.read_text().replace("kind: generate", "was: hero, kind: generate"))
    refused = mjpipe("run", lost, "--yes", code=2)
    assert "error: 4 paid results ($1.00) are recorded" in refused.err
    assert len(server.tasks()) == 4


def test_a_node_that_was_renamed_before_the_state_was_lost_keeps_what_it_made(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    lost.write_text(LOST + BIG)
    mjpipe("run", lost, "--yes")
    renamed = lost.read_text().replace("hero", "packshot")
    lost.write_text(renamed.replace("kind: generate", "was: hero, kind: generate"))
    mjpipe("run", lost, "--yes")
    lost.write_text(renamed)
    assert is_silent(mjpipe("run", lost, "--yes"))
    shutil.rmtree(lost.parent / ".mjpipe")
    assert "error: 4 paid results ($1.00) are recorded" in mjpipe("run", lost, "--yes", code=2).err
    assert len(server.tasks()) == 4


def test_a_submission_whose_answer_was_lost_is_not_sent_again_when_the_state_is_lost(
    lost: Path, tmp_path: Path
) -> None:
    cut_off = {"at": "submit", "do": "cut", "nth": 1}
    with sandbox(tmp_path / "cutting", rules=[cut_off]) as server:
        mjpipe = at(server)
        mjpipe("run", lost, "--yes", code=6)
        shutil.rmtree(lost.parent / ".mjpipe")
        refused = mjpipe("run", lost, "--yes", code=2)
        known = "1 paid result ($0.20) and 1 possibly billed attempt ($0.20) are recorded"
        assert f"error: {known} in `{receipts_of(lost)}`" in refused.err
        assert len(server.tasks()) == 2


def test_what_was_said_of_a_doubt_before_anything_was_accepted_counts_when_the_state_is_lost(
    tmp_path: Path, lost: Path
) -> None:
    """A state learns its service with the first answer; a command that sends nothing does not know it before."""
    with sandbox(tmp_path / "unsure", rules=[{"at": "submit", "do": "cut"}]) as server:
        mjpipe = at(server)
        mjpipe("run", lost, "--yes", "--select", "hero/L-1", code=6)
        mjpipe("resolve", lost, "hero/L-1", "--task-id", str(server.tasks()[0]["taskId"]))
        shutil.rmtree(lost.parent / ".mjpipe")
        refused = mjpipe("run", lost, "--yes", "--select", "hero/L-1", code=2)
        assert f"error: 1 paid result ($0.20) is recorded in `{receipts_of(lost)}`" in refused.err
        assert len(server.tasks()) == 1


def test_damaged_receipts_stop_a_run_and_are_a_warning_of_a_plan(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    mjpipe("run", lost, "--yes", "--select", "hero/L-1")
    file = next(receipts_of(lost).iterdir())
    file.write_text("no receipt\n" + file.read_text())
    shutil.rmtree(lost.parent / ".mjpipe")
    damage = f"`{file}:1` cannot be read: it is not JSON. Receipts say what was paid for"
    assert f"error: {damage}" in mjpipe("run", lost, "--yes", code=9).err
    assert f"warning: {damage}" in mjpipe("plan", lost).err
    assert len(server.tasks()) == 1


def test_picks_alone_say_that_something_was_made(
    mjpipe: InProcess, server: SandboxServer, lost: Path, refused: Refused
) -> None:
    lost.write_text(LOST + PICKED + "receipts: none\n")
    mjpipe("run", lost, "--yes", code=5)
    mjpipe("pick", lost, "hero/L-1", "2")
    shutil.rmtree(lost.parent / ".mjpipe")
    shutil.rmtree(lost.parent / "out")
    folder = lost.parent / ".mjpipe" / "lost"
    refused(
        lost,
        f"1 paid result ($0.20) is recorded in `{lost.with_name('picks.csv')}`, and this campaign has no state in"
        f" `{folder}` that knows it; the first is of `hero/L-1`, task `{first_task(server, 'jug')}`",
        adopt_or_pay(lost, "0.20", "it"),
    )


def test_a_lost_state_of_the_sandbox_is_a_warning(mjpipe: InProcess, lost: Path) -> None:
    mjpipe("run", lost, "--sandbox")
    shutil.rmtree(lost.parent / ".mjpipe")
    assert mjpipe.plan(lost, "--sandbox")["jobs"]["to_submit"] == 2
    said = mjpipe("run", lost, "--sandbox")
    assert said.err.splitlines()[1] == "help: nothing was paid for in the sandbox, and a run makes it again"
    assert is_silent(mjpipe("run", lost, "--sandbox"))


def test_a_fresh_clone_and_committed_images_beside_a_state_that_agrees_pass(
    mjpipe: InProcess, server: SandboxServer, lost: Path, tmp_path: Path
) -> None:
    assert is_silent(mjpipe("plan", lost))
    assert is_silent(mjpipe("run", lost, "--yes"))
    for _ in range(2):
        assert is_silent(mjpipe("plan", lost))
        assert is_silent(mjpipe("validate", lost))
        assert is_silent(mjpipe("run", lost, "--yes"))
    for path in lost.parent.rglob("*"):
        path.touch()  # as after a checkout
    assert is_silent(mjpipe("plan", lost))
    assert is_silent(mjpipe("run", lost, "--yes"))
    assert len(server.tasks()) == 2


def test_two_manifests_may_share_folder_picks_and_receipts(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    """Their keys are the same, and what they ask for is not."""
    other = lost.with_name("other.yaml")
    lost.write_text(LOST + PICKED + "receipts: receipts\n")
    other.write_text(lost.read_text().replace("campaign: lost", "campaign: other").replace("on a table", "in a box"))
    for path in (lost, other, lost):
        mjpipe("run", path, "--yes", code=5)
    mjpipe("pick", lost, "hero/L-1", "2")
    mjpipe("pick", other, "hero/L-2", "1")
    for path in (lost, other, lost, other):
        assert is_silent(mjpipe("plan", path))
        assert is_silent(mjpipe("run", path, "--yes", code=5))
    assert len(server.tasks()) == 6


def test_a_clone_does_not_take_the_picks_of_one_manifest_for_results_of_another(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    other = lost.with_name("other.yaml")
    lost.write_text(LOST + PICKED)
    other.write_text(lost.read_text().replace("campaign: lost", "campaign: other").replace("on a table", "in a box"))
    mjpipe("run", lost, "--yes", code=5)
    mjpipe("pick", lost, "hero/L-1", "2")
    shutil.rmtree(lost.parent / ".mjpipe")
    shutil.rmtree(lost.parent / "out")
    assert is_silent(mjpipe("run", other, "--yes", code=5))
    assert len(server.tasks()) == 4
    assert "error: 2 paid results ($0.40) are recorded" in mjpipe("run", lost, "--yes", code=2).err


def test_two_manifests_that_ask_for_the_same_pay_for_it_both(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    """A manifest that is still there is no campaign's old name."""
    other = lost.with_name("other.yaml")
    lost.write_text(LOST + "receipts: receipts\n")
    other.write_text(lost.read_text().replace("campaign: lost", "campaign: other"))
    for path in (lost, other):
        assert is_silent(mjpipe("run", path, "--yes"))
    shutil.rmtree(lost.parent / ".mjpipe" / "other")
    shutil.rmtree(lost.parent / "out" / "other")
    assert "error: 2 paid results ($0.40) are recorded" in mjpipe("run", other, "--yes", code=2).err
    assert len(server.tasks()) == 4


def test_receipts_of_another_service_say_nothing(mjpipe: InProcess, lost: Path, tmp_path: Path) -> None:
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    shutil.rmtree(lost.parent / "out")
    with sandbox(tmp_path / "another") as another:
        assert is_silent(at(another)("run", lost, "--yes"))
        assert len(another.tasks()) == 2


def test_attempts_that_were_certainly_not_billed_say_nothing(lost: Path, tmp_path: Path) -> None:
    with sandbox(tmp_path / "refusing", rules=[{"at": "submit", "do": "answer", "status": 400, "times": 2}]) as server:
        mjpipe = at(server)
        mjpipe("run", lost, "--yes", code=1)
        shutil.rmtree(lost.parent / ".mjpipe")
        assert is_silent(mjpipe("run", lost, "--yes"))
        assert len(server.tasks()) == 2


def test_what_a_colleague_made_and_this_plan_does_not_ask_for_passes_until_it_does(
    mjpipe: InProcess, server: SandboxServer, lost: Path, tmp_path: Path
) -> None:
    shutil.copytree(lost.parent, tmp_path / "colleague")
    theirs = tmp_path / "colleague" / lost.name
    theirs.write_text(LOST.replace("L-2, name: bowl", "L-3, name: cup"))
    mjpipe("run", theirs, "--yes", "--select", "hero/L-3")
    shutil.copytree(receipts_of(theirs), receipts_of(lost))
    assert is_silent(mjpipe("run", lost, "--yes"))
    lost.write_text(theirs.read_text())
    assert "error: 1 paid result ($0.20) is recorded" in mjpipe("run", lost, "--yes", code=2).err
    assert len(server.tasks()) == 3


def test_where_nothing_is_left_a_run_says_that_it_starts_a_new_state(mjpipe: InProcess, lost: Path) -> None:
    first = mjpipe("run", lost, "--yes").err
    assert first.splitlines()[0] == f"note: no earlier run is known here; new state in {lost.parent}/.mjpipe/lost"
    assert "new state" not in mjpipe("run", lost, "--yes").err
    assert "new state" not in mjpipe("run", lost, "--sandbox").err


CUPS = '  cups: {kind: generate, for_each: [products], params: {prompt: "a cup beside a {{ name }}"}}\n'


def test_paying_again_names_the_sum_of_all_that_was_found(mjpipe: InProcess, server: SandboxServer, lost: Path) -> None:
    second = LOST.replace("campaign: lost", "campaign: second")
    mjpipe("run", lost, "--yes", "--select", "hero/L-1")
    lost.write_text(second.replace("{sku: L-1, name: jug}, ", ""))
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    lost.write_text(second)
    refused = mjpipe("run", lost, "--yes", code=2).err
    assert refused.count(f"`mjpipe run {lost} --buy-again 0.40` pays for all 2 results again") == 2
    mjpipe("run", lost, "--yes", "--buy-again", "0.40")
    assert len(server.tasks()) == 4


@pytest.mark.parametrize("kept", ["receipts", "outputs"])
def test_swapped_names_are_reported_where_the_state_is_lost(
    mjpipe: InProcess, server: SandboxServer, lost: Path, kept: str
) -> None:
    lost.write_text(LOST + CUPS)
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    shutil.rmtree(lost.parent / "out" if kept == "receipts" else receipts_of(lost))
    lost.write_text(lost.read_text().replace("hero:", "x:").replace("cups:", "hero:").replace("x:", "cups:"))
    refused = mjpipe("run", lost, "--yes", code=2).err
    for node, former in (("cups", "hero"), ("hero", "cups")):
        assert (
            f"error: node `{node}` asks for what `{former}`, which asks for something else now, has made: " in refused
        )
        assert f"help: give the nodes their former names back; to pay again, say `was: []` in `{node}`" in refused
    assert len(server.tasks()) == 4


def test_a_new_node_that_has_the_name_of_a_renamed_one_hides_nothing_where_the_state_is_lost(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    shutil.rmtree(lost.parent / "out")
    lost.write_text(LOST.replace("hero:", "main:") + CUPS.replace("cups:", "hero:"))
    assert (
        "error: node `main` asks for what `hero`, which asks for something else now"
        in mjpipe("run", lost, "--yes", code=2).err
    )
    lost.write_text(lost.read_text().replace("hero: {", "cups: {").replace("main: {", "main: {was: hero, "))
    mjpipe("run", lost, "--yes", "--adopt")
    assert len(server.tasks()) == 4


def test_nodes_that_ask_for_the_same_are_both_made_though_the_state_knows_of_none(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    """A colleague has run the one node, and that has kept its name."""
    lost.write_text(LOST + LOST.splitlines()[-1].replace("hero:", "spare:") + "\n")
    mjpipe("run", lost, "--yes", "--select", "hero")
    shutil.rmtree(lost.parent / ".mjpipe")
    assert "renamed" not in mjpipe("run", lost, "--yes", code=2).err
    mjpipe("run", lost, "--yes", "--adopt")
    assert len(server.tasks()) == 4


@pytest.mark.parametrize("after_a_refused_run", [False, True])
def test_what_shows_the_state_says_that_more_was_paid_for(
    mjpipe: InProcess, lost: Path, *, after_a_refused_run: bool
) -> None:
    mjpipe("run", lost, "--yes")
    commands = [["status", lost], ["show", lost, "hero/L-1"], ["resolve", lost], ["prune", lost], ["report", lost]]
    assert all(is_silent(mjpipe(*command)) for command in commands)
    shutil.rmtree(lost.parent / ".mjpipe")
    if after_a_refused_run:
        mjpipe("run", lost, "--yes", code=2)
    warning = f"warning: 2 paid results ($0.40) are recorded in `{receipts_of(lost)}`, and this campaign has no state"
    for command in (*commands, ["pick", lost, "hero/L-1", "0"]):
        said = mjpipe(*command, code=None).err.splitlines()
        assert said[0].startswith(warning)
        assert said[1] == f"help: {adopt_or_pay(lost, '0.40')}"


def test_a_status_after_a_pull_says_what_a_colleague_has_paid(mjpipe: InProcess, lost: Path) -> None:
    mjpipe("run", lost, "--yes", "--select", "hero/L-1")
    theirs = lost.parent.with_name("theirs")
    shutil.copytree(lost.parent, theirs, ignore=shutil.ignore_patterns(".mjpipe", "out"))
    mjpipe("run", theirs / lost.name, "--adopt", "--yes")
    shutil.copytree(receipts_of(theirs / lost.name), receipts_of(lost), dirs_exist_ok=True)
    assert "and the state in `" in mjpipe("status", lost).err
    mjpipe("adopt", lost)
    assert mjpipe("status", lost).err == ""


def test_an_adoption_says_what_still_stops_a_run(mjpipe: InProcess, lost: Path) -> None:
    mjpipe("run", lost, "--yes")
    lost.write_text(LOST.replace("campaign: lost", "campaign: found"))
    adopted = mjpipe("adopt", lost)
    assert adopted.out == "nothing to adopt\n"
    refused = mjpipe("run", lost, "--yes", code=2)
    assert refused.err.replace("error: ", "warning: ") == adopted.err
    assert "write `was: lost` at the top of the manifest" in adopted.err


def test_a_status_beside_damaged_receipts_names_the_line(mjpipe: InProcess, lost: Path) -> None:
    mjpipe("run", lost, "--yes")
    (receipts,) = receipts_of(lost).iterdir()
    receipts.write_text("{\n" + receipts.read_text())
    assert f"warning: `{receipts}:1` cannot be read: it is not JSON" in mjpipe("status", lost).err


def test_receipts_beside_a_manifest_whose_file_was_renamed_are_read_where_the_state_is_lost(
    mjpipe: InProcess, server: SandboxServer, lost: Path, refused: Refused
) -> None:
    """As `git mv` and `git clean -fdX` leave it."""
    lost.write_text(LOST + BIG)
    mjpipe("run", lost, "--yes")
    moved = lost.rename(lost.with_name("pots.yaml"))
    shutil.rmtree(lost.parent / ".mjpipe")
    shutil.rmtree(lost.parent / "out")
    refused(
        moved,
        f"4 paid results ($1.00) are recorded in `{receipts_of(lost)}`, and this campaign has no state in"
        f" `{lost.parent / '.mjpipe' / 'lost'}` that knows them; the first is of `big/L-1/0`, task"
        f" `{first_task(server, first_task(server, 'jug'))}`",
        adopt_or_pay(moved, "1.00"),
    )
    assert "adopted 4 attempts ($1.00)" in mjpipe("run", moved, "--yes", "--adopt").err
    assert is_silent(mjpipe("run", moved, "--yes"))
    assert len(server.tasks()) == 4


def test_receipts_from_before_the_manifest_named_another_folder_are_read_where_the_state_is_lost(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    shutil.rmtree(lost.parent / "out")
    for receipts in ("none", "for-git"):
        lost.write_text(LOST + f"receipts: {receipts}\n")
        assert f"are recorded in `{receipts_of(lost)}`, and" in mjpipe("run", lost, "--yes", code=2).err
    assert len(server.tasks()) == 2


def test_receipts_of_another_manifest_in_the_folder_are_left_alone(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    """Both manifests ask for the same, and each is to have it."""
    mjpipe("run", lost, "--yes")
    other = lost.with_name("other.yaml")
    other.write_text(LOST.replace("campaign: lost", "campaign: other"))
    assert is_silent(mjpipe("run", other, "--yes"))
    assert len(server.tasks()) == 4


def test_what_a_renamed_campaign_has_in_its_output_folder_is_enough(
    mjpipe: InProcess, server: SandboxServer, lost: Path, refused: Refused
) -> None:
    lost.write_text(LOST + "receipts: none\n")
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    lost.write_text(lost.read_text().replace("campaign: lost", "campaign: found"))
    refused(
        lost,
        f"campaign `lost` has made what this plan asks for: 2 paid results ($0.40) are recorded in"
        f" `{lost.parent / 'out' / 'lost' / 'assets.jsonl'}`; the first is of `hero/L-1`, task"
        f" `{first_task(server, 'jug')}`",
        "if it is this campaign under its old name, write `was: lost` at the top of the manifest;"
        f" `mjpipe run {lost} --buy-again 0.40` pays again",
    )
    lost.write_text(lost.read_text().replace("campaign: found", "campaign: found\nwas: lost"))
    mjpipe("run", lost, "--yes", "--adopt")
    assert len(server.tasks()) == 2


def test_what_is_in_the_usual_folder_counts_though_the_manifest_names_another_one_now(
    mjpipe: InProcess, server: SandboxServer, lost: Path
) -> None:
    lost.write_text(LOST + "receipts: none\n")
    mjpipe("run", lost, "--yes")
    shutil.rmtree(lost.parent / ".mjpipe")
    lost.write_text(lost.read_text() + "outputs: {dir: pictures}\n")
    assert "out/lost/assets.jsonl`, and this campaign has no state" in mjpipe("run", lost, "--yes", code=2).err
    mjpipe("run", lost, "--yes", "--adopt")
    assert len(server.tasks()) == 2
    assert len([*(lost.parent / "pictures").rglob("*.png")]) == 8
