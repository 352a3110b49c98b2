"""A state that is lost, older, or somebody else's: what was paid for is taken over, and nothing is paid twice."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema

from mjpipe.domain import bundled_folder
from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import Mjpipe, SandboxServer, wait_for_tasks

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  large: {kind: upscale, from: hero, images: [1], params: {type: 0}}
"""
PICKED = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  other: {kind: vary, from: hero, images: pick, params: {type: 1}}
  large: {kind: upscale, from: other, images: [0], params: {type: 0}}
"""


def birds(folder: Path, text: str = BIRDS) -> Path:
    folder.mkdir(exist_ok=True)
    manifest = folder / "campaign.yaml"
    manifest.write_text(text)
    return manifest


def lose_state(manifest: Path) -> None:
    shutil.rmtree(manifest.parent / ".mjpipe")


def lose_state_to(folder: Path, manifest: Path) -> Path:
    return (manifest.parent / ".mjpipe").rename(folder)


def billed(server: SandboxServer) -> tuple[int, str]:
    return len(server.tasks()), server.total_usd()


def images(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """What is below the output folder: which files, when written, and their bytes."""
    outputs = folder / "out" / "birds"
    return {
        str(path.relative_to(outputs)): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in outputs.rglob("*.png")
    }


def costs(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "out" / "birds" / "report" / "costs.json").read_text())
    jsonschema.validate(document, json.loads((bundled_folder("schemas") / "costs.schema.json").read_text("utf-8")))
    return document


def status(mjpipe: InProcess, manifest: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(mjpipe("status", manifest, "--json").out)
    jsonschema.validate(document, json.loads((bundled_folder("schemas") / "status.schema.json").read_text("utf-8")))
    return document


def test_a_state_that_was_deleted_is_adopted_and_nothing_is_submitted(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid, before = billed(server), images(tmp_path)
        lose_state(manifest)
        refused = mjpipe("run", manifest, "--yes", code=2)
        assert f"mjpipe adopt {manifest}" in refused.err
        assert "Plan: nothing to submit, 4 to adopt · $0.00" in mjpipe("plan", manifest).out
        plan = mjpipe.plan(manifest)
        assert (plan["jobs"]["to_submit"], plan["jobs"]["to_adopt"], plan["cost"]["high_usd"]) == (0, 4, "0.00")
        adopted = mjpipe("adopt", manifest)
        assert adopted.out == "adopted 4 attempts ($1.00): 4 done\n"
        assert adopted.err.splitlines()[-2:] == ["next: run the campaign", f"mjpipe run {manifest}"]
        assert mjpipe("adopt", manifest).out == "nothing to adopt\n"
        assert mjpipe("run", manifest).out.splitlines()[-1] == "all done"
        assert (billed(server), images(tmp_path)) == (paid, before)
        assert costs(tmp_path)["adopted"]["attempts"] == 4
        assert costs(tmp_path)["totals"]["spent"] == "1.00"
        assert status(mjpipe, manifest)["money"]["adopted"] == {"attempts": 4, "usd": "1.00", "unpriced": 0}
        assert "adopted from receipts" in mjpipe("show", manifest, "hero/heron").out


def test_adopting_where_nothing_was_ever_run_finds_nothing(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        assert mjpipe("adopt", manifest).out == "nothing to adopt\n"
        mjpipe("run", manifest, "--adopt", "--yes")
        assert billed(server)[0] == 4
        assert mjpipe("adopt", manifest).out == "nothing to adopt\n"


def test_a_run_adopts_when_it_is_told_to(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid = billed(server)
        lose_state(manifest)
        ran = mjpipe("run", manifest, "--adopt")
        assert "adopted 4 attempts ($1.00): 4 done\n" in ran.err
        assert ran.out.splitlines()[-1] == "all done"
        assert billed(server) == paid


def test_an_older_backup_hears_of_what_was_made_since(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes", "--select", "hero/heron")
        shutil.copytree(tmp_path / ".mjpipe", tmp_path / "backup")
        mjpipe("run", manifest, "--yes")
        paid = billed(server)
        lose_state(manifest)
        (tmp_path / "backup").rename(tmp_path / ".mjpipe")
        mjpipe("run", manifest, "--yes", code=2)
        assert "3 to adopt, 1 done" in mjpipe("plan", manifest).out
        assert mjpipe("adopt", manifest).out == "adopted 3 attempts ($0.80): 3 done\n"
        assert mjpipe("run", manifest).out.splitlines()[-1] == "all done"
        assert billed(server) == paid


def test_a_colleagues_receipts_are_enough_and_the_images_are_fetched(tmp_path: Path) -> None:
    """The colleague has pushed manifest and receipts; images and state are ignored by git."""
    manifest, mine = birds(tmp_path / "theirs"), birds(tmp_path / "mine")
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid = billed(server)
        shutil.copytree(tmp_path / "theirs" / "campaign.receipts", tmp_path / "mine" / "campaign.receipts")
        mjpipe("run", mine, "--yes", code=2)
        adopted = mjpipe("adopt", mine)
        assert adopted.out.splitlines()[0] == "adopted 4 attempts ($1.00): 4 to be asked for by the next run"
        assert mjpipe("run", mine).out.splitlines()[-1] == "all done"
        assert billed(server) == paid
        theirs, fetched = images(tmp_path / "theirs"), images(tmp_path / "mine")
        assert {path: bytes_ for path, (_, _, bytes_) in theirs.items()} == {
            path: bytes_ for path, (_, _, bytes_) in fetched.items()
        }


def test_a_state_of_another_machine_is_taken_over(tmp_path: Path) -> None:
    none = BIRDS.replace("campaign: birds", "campaign: birds\nreceipts: none")
    manifest, mine = birds(tmp_path / "theirs", none), birds(tmp_path / "mine", none)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid = billed(server)
        shutil.copytree(tmp_path / "theirs" / ".mjpipe" / "birds", tmp_path / "brought")
        adopted = mjpipe("adopt", mine, "--from", tmp_path / "brought")
        assert adopted.out.splitlines()[0] == "adopted 4 attempts ($1.00): 4 to be asked for by the next run"
        assert mjpipe("adopt", mine, "--from", tmp_path / "brought" / "ledger.sqlite").out == "nothing to adopt\n"
        assert mjpipe("run", mine).out.splitlines()[-1] == "all done"
        assert billed(server) == paid
        assert "adopted from another state" in mjpipe("show", mine, "hero/heron").out


def test_another_state_and_its_receipts_name_the_same_attempts_once(tmp_path: Path) -> None:
    renamed = BIRDS.replace("  hero:", "  bird:").replace("from: hero", "from: bird")
    manifest, mine = birds(tmp_path / "theirs"), birds(tmp_path / "mine", renamed)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        manifest.write_text(renamed.replace("bird: {", "bird: {was: hero, "))
        mjpipe("run", manifest)
        paid = billed(server)
        for part in (".mjpipe", "campaign.receipts", "out"):
            shutil.copytree(tmp_path / "theirs" / part, tmp_path / "brought" / part)
        shutil.copytree(tmp_path / "theirs" / "campaign.receipts", tmp_path / "mine" / "campaign.receipts")
        shutil.copytree(tmp_path / "theirs" / "out", tmp_path / "mine" / "out")
        adopted = mjpipe("adopt", mine, "--from", tmp_path / "brought" / ".mjpipe" / "birds")
        assert adopted.out == "adopted 4 attempts ($1.00): 4 done\n"
        assert mjpipe("run", mine).out.splitlines()[-1] == "all done"
        assert billed(server) == paid


def test_a_folder_without_a_state_is_named(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        refused = at(server)("adopt", manifest, "--from", tmp_path, code=2)
        at(server)("run", manifest, "--yes")
        states = lose_state_to(tmp_path / "old", manifest)
        meant = at(server)("adopt", manifest, "--from", states, code=2)
    assert refused.err == (
        f"error: there is no state in `{tmp_path}`\nhelp: name a folder that has a `ledger.sqlite`\n"
    )
    assert meant.err.splitlines()[-1] == (
        f"help: name a folder that has a `ledger.sqlite`; did you mean `{states / 'birds'}`?"
    )


def test_picks_and_what_follows_from_them_are_adopted(tmp_path: Path) -> None:
    manifest = birds(tmp_path, PICKED)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes", code=5)
        mjpipe("pick", manifest, "hero/heron", "2")
        mjpipe("run", manifest, "--yes", code=5)
        mjpipe("pick", manifest, "hero/duck", "--reroll")
        mjpipe("run", manifest, "--yes", code=5)
        paid, before = billed(server), images(tmp_path)
        assert paid[0] == 5
        lose_state(manifest)
        assert "nothing to submit" in mjpipe("plan", manifest).out
        mjpipe("adopt", manifest)
        mjpipe("run", manifest, "--yes", code=5)
        assert billed(server) == paid
        after = images(tmp_path)
        assert {path: after[path] for path in before} == before
        mjpipe("pick", manifest, "hero/duck", "0")
        mjpipe("run", manifest, "--yes")
        assert billed(server)[0] == 7


def test_images_that_are_nowhere_any_more_are_named_and_not_paid_again(tmp_path: Path) -> None:
    """The service has forgotten a task; what followed from it is there, and stays."""
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid = billed(server)
        task = next(task["taskId"] for task in server.tasks() if "heron" in json.dumps(task["request"]))
        (receipts,) = (tmp_path / "campaign.receipts").iterdir()
        receipts.write_text(receipts.read_text().replace(str(task), "task_forgotten"))
        shutil.rmtree(tmp_path / "out" / "birds" / "hero")
        (tmp_path / "out" / "birds" / "assets.jsonl").unlink()
        lose_state(manifest)
        adopted = mjpipe("adopt", manifest).out.splitlines()
        assert adopted == [
            "adopted 4 attempts ($1.00): 2 done, 2 to be asked for by the next run",
            "not on disk: `hero/duck-0.png` and 7 other images; a run fetches what the service still has",
        ]
        ran = mjpipe("run", manifest, "--yes", code=1)
        assert "1 job failed:" in ran.out
        assert "[images_gone]" in " ".join(ran.out.split())
        assert "hero/heron" in ran.out
        counts = status(mjpipe, manifest)["jobs"]
        assert (counts["done"], counts["failed"], counts["total"]) == (3, 1, 4)
        assert status(mjpipe, manifest)["money"]["spent"] == "1.00"
        assert billed(server) == paid
        again = mjpipe("run", manifest, "--yes", "--buy-again", "0.20", "--select", "hero/heron", "--dry-run", code=2)
        assert again.err.startswith("error: --dry-run buys nothing")


def test_buying_again_wants_the_exact_sum_and_counts_what_was_paid_before(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        lose_state(manifest)
        refused = mjpipe("run", manifest, "--yes", "--buy-again", "0.40", code=2)
        assert refused.err.startswith(
            "error: --buy-again names $0.40, and 4 results for $1.00 would be bought again\n"
            f"help: to pay again: --buy-again 1.00; to pay nothing: `mjpipe adopt {manifest}`\n"
        )
        assert billed(server)[0] == 4
        stopped = mjpipe("run", manifest, "--buy-again", "1.00", "--budget", "1.50", code=4)
        assert billed(server) == (6, "1.40")
        assert "raise the budget: $1.40 is used, and 2 more jobs cost $0.60" in stopped.out
        mjpipe("run", manifest, "--budget", "2.00")
        assert billed(server) == (8, "2.00")
        assert costs(tmp_path)["set_aside"] == {"attempts": 4, "committed": "1.00", "unpriced": {"committed": 0}}
        assert costs(tmp_path)["totals"]["spent"] == "2.00"
        assert len([*(tmp_path / "out" / "birds").glob("assets.*.jsonl")]) == 1
        nothing = mjpipe("run", manifest, "--yes", "--buy-again", "1.00", code=2)
        assert nothing.err.startswith("error: there is nothing to buy again")


def test_what_was_bought_again_stays_so_in_every_clone(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        lose_state(manifest)
        mjpipe("run", manifest, "--yes", "--buy-again", "1.00")
        paid = billed(server)
        lose_state(manifest)
        (tmp_path / "out").rename(tmp_path / "away")
        mjpipe("adopt", manifest)
        mjpipe("run", manifest)
        assert billed(server) == paid == (8, "2.00")
        spent = status(mjpipe, manifest)["money"]
        assert (spent["spent"], spent["set_aside"]["usd"]) == ("2.00", "1.00")


def test_a_job_whose_images_are_gone_is_made_again_when_its_price_is_named(tmp_path: Path) -> None:
    manifest = birds(tmp_path, BIRDS[: BIRDS.index("  large")])
    gone = {"at": "image", "do": "gone", "each": 2}
    with sandbox(tmp_path / "service", speed_up=1_000_000.0, rules=[gone]) as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        (tmp_path / "out" / "birds" / "hero" / "heron-1.png").unlink()
        mjpipe("run", manifest, "--yes", code=1)
        mjpipe("run", manifest, "--yes", "--buy-again", "0.20", code=2)
        mjpipe("run", manifest, "--yes", "--buy-again", "0.20", "--select", "hero/duck", code=2)
        assert billed(server) == (2, "0.40")
        # At this speed an image may be gone before it was fetched once.
        mjpipe("run", manifest, "--yes", "--buy-again", "0.20", "--select", "hero/heron", code=None)
        assert billed(server) == (3, "0.60")
        mjpipe("run", manifest, "--yes", code=None)
        assert billed(server) == (3, "0.60")
        assert status(mjpipe, manifest)["money"]["set_aside"] == {"attempts": 1, "usd": "0.20", "unpriced": 0}
        assert not [*(tmp_path / "out" / "birds").glob("assets.*.jsonl")]


def test_a_run_that_was_killed_and_whose_state_was_deleted_goes_on(
    paying: Mjpipe, sandbox_server: SandboxServer, tmp_path: Path
) -> None:
    manifest = birds(paying.folder)
    process = paying.start("run", "campaign.yaml", "--yes")
    wait_for_tasks(sandbox_server, 1, process)
    process.kill()
    process.wait()
    process.stdout.close() if process.stdout else None
    lose_state(manifest)
    paying("adopt", "campaign.yaml")
    for job in json.loads(paying("status", "campaign.yaml", "--json").stdout)["at_risk"]:
        task = next(t for t in sandbox_server.tasks() if job["key"].split("/")[1] in str(t))
        paying("resolve", "campaign.yaml", job["key"], "--task-id", str(task["taskId"]))
    paying("run", "campaign.yaml", "--yes")
    asked = Counter(json.dumps(task["request"], sort_keys=True) for task in sandbox_server.tasks())
    assert (len(asked), max(asked.values())) == (4, 1)


def test_a_saved_plan_of_a_lost_state_fits_once_it_was_adopted(tmp_path: Path) -> None:
    manifest, saved = birds(tmp_path), tmp_path / "plan.json"
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes", "--select", "name=heron")
        lose_state(manifest)
        assert (
            mjpipe("plan", manifest, "--out", saved)
            .out.splitlines()[-1]
            .startswith("Plan: 2 to submit (5 images), 2 to adopt · $0.50 · ")
        )
        mjpipe("adopt", manifest)
        assert mjpipe("plan", manifest, "--against", saved).out == "nothing differs\n"
        mjpipe("run", manifest, "--plan", saved)
        assert billed(server) == (4, "1.00")


def test_images_alone_are_enough_where_no_receipts_were_kept(tmp_path: Path) -> None:
    manifest = birds(tmp_path, BIRDS.replace("campaign: birds", "campaign: birds\nreceipts: none"))
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid, before = billed(server), images(tmp_path)
        lose_state(manifest)
        mjpipe("run", manifest, "--yes", code=2)
        assert mjpipe("adopt", manifest).out == "adopted 4 attempts ($1.00): 4 done\n"
        assert "adopted from `assets.jsonl`" in mjpipe("show", manifest, "hero/heron").out
        assert mjpipe("run", manifest).out.splitlines()[-1] == "all done"
        assert (billed(server), images(tmp_path)) == (paid, before)


def test_the_picks_alone_bring_back_the_tasks_that_they_name(tmp_path: Path) -> None:
    none = PICKED.replace("campaign: birds", "campaign: birds\nreceipts: none")
    manifest = birds(tmp_path, none)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes", code=5)
        mjpipe("pick", manifest, "hero/heron", "2")
        lose_state(manifest)
        shutil.rmtree(tmp_path / "out")
        mjpipe("run", manifest, "--yes", code=2)
        adopted = mjpipe("adopt", manifest).out
        assert adopted.splitlines()[0] == "adopted 1 attempt ($0.20): 1 to be asked for by the next run"
        assert "adopted from picks" in mjpipe("show", manifest, "hero/heron").out
        mjpipe("run", manifest, "--yes", "--select", "hero/heron+", code=None)
        asked = Counter(str(task["request"]["prompt"]) for task in server.tasks() if "prompt" in task["request"])  # type: ignore[operator,index]
        assert asked["a heron"] == 1


def test_a_copy_of_a_state_becomes_one_of_its_own(tmp_path: Path) -> None:
    manifest = birds(tmp_path / "first")
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid = billed(server)
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        copy = tmp_path / "second" / "campaign.yaml"
        mjpipe("run", copy, code=2)
        original = tmp_path / "first" / ".mjpipe" / "birds"
        adopted = mjpipe("adopt", copy).out.splitlines()
        assert adopted == [
            f"this state was a copy of the one in `{original}`, and is one of its own now",
            "nothing to adopt",
        ]
        assert mjpipe("run", copy).out.splitlines()[-1] == "all done"
        assert mjpipe("run", manifest).out.splitlines()[-1] == "all done"
        assert billed(server) == paid


def test_the_sandbox_adopts_too(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    mjpipe = InProcess({"COLUMNS": "100", "NO_COLOR": "1"})
    mjpipe("run", manifest, "--sandbox")
    (ledger,) = (tmp_path / ".mjpipe").glob("*/ledger.sqlite")
    for file in ledger.parent.glob("ledger.sqlite*"):
        file.unlink()
    adopted = mjpipe("adopt", manifest, "--sandbox").out
    assert adopted == "adopted 4 attempts ($1.00): 4 done\n"
    assert mjpipe("run", manifest, "--sandbox").out.splitlines()[-1] == "all done"


def test_an_attempt_whose_answer_the_receipts_have_lost_is_known_by_its_images(tmp_path: Path) -> None:
    """As a checkout of older receipts leaves it: the intents are there, and `assets.jsonl` names their tasks."""
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid = billed(server)
        (receipts,) = (tmp_path / "campaign.receipts").iterdir()
        lines = receipts.read_text().splitlines(keepends=True)
        receipts.write_text("".join(line for line in lines if '"event":"intent"' in line))
        lose_state(manifest)
        assert "error: 4 paid results ($1.00) are recorded in " in mjpipe("run", manifest, "--yes", code=2).err
        assert mjpipe("adopt", manifest).out == "adopted 4 attempts ($1.00): 4 done\n"
        assert mjpipe("run", manifest).out.splitlines()[-1] == "all done"
        assert billed(server) == paid


def test_a_state_of_another_machine_is_taken_over_beside_receipts_that_say_the_same(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        paid = billed(server)
        (tmp_path / ".mjpipe" / "birds").rename(tmp_path / "brought")
        assert mjpipe("adopt", manifest, "--from", tmp_path / "brought").out == "adopted 4 attempts ($1.00): 4 done\n"
        assert mjpipe("run", manifest).out.splitlines()[-1] == "all done"
        assert billed(server) == paid


def test_images_that_no_plan_wanted_come_back_to_the_folder_of_the_orphans(tmp_path: Path) -> None:
    manifest = birds(tmp_path)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        manifest.write_text(BIRDS.replace("a {{", "the {{"))
        mjpipe("run", manifest, "--yes")
        paid, before = billed(server), sorted(content for _, _, content in images(tmp_path).values())
        for _ in range(2):
            lose_state(manifest)
            shutil.rmtree(tmp_path / "out")
            mjpipe("run", manifest, "--adopt", "--yes")
            assert sorted(content for _, _, content in images(tmp_path).values()) == before
        orphans = tmp_path / "out" / "birds" / ".orphans"
        assert sorted(path.name for path in orphans.iterdir()) == ["hero", "large"]
        assert {path.name.count(".") for path in orphans.rglob("*.png")} == {2}
        assert billed(server) == paid
