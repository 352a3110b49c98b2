"""Other images in the place of those that came: what a person asks for, what it costs, and where the old ones go."""

import csv
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Mjpipe, SandboxServer

MANIFEST = """
mjpipe: 1
campaign: teapots
inputs:
  pots: {rows: [{sku: T-01}, {sku: T-02}], key: sku}
limits: {requests_per_second: 500}
nodes:
  hero: {kind: generate, for_each: [pots], params: {prompt: "a teapot, {{ sku }}"}}
  large: {kind: upscale, from: hero, images: [1]}
  final: {kind: upscale, from: hero, images: pick}
"""
HERO = "hero/T-01"


@pytest.fixture
def made(paying: Mjpipe) -> Mjpipe:
    """Two generations with an upscale each are done; of the first one image 2 was picked and is done, too."""
    (paying.folder / "campaign.yaml").write_text(MANIFEST)
    paying("run", "campaign.yaml", "--yes", code=5)
    paying("pick", "campaign.yaml", HERO, "2")
    paying("run", "campaign.yaml", "--yes", code=5)
    return paying


def plan_of(mjpipe: Mjpipe) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(mjpipe("plan", "campaign.yaml", "--json").stdout)
    return plan


def show(mjpipe: Mjpipe, key: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(mjpipe("show", "campaign.yaml", key, "--json").stdout)
    return document


def assets(mjpipe: Mjpipe) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (mjpipe.folder / "out" / "teapots" / "assets.jsonl").read_text().splitlines()]


def costs(mjpipe: Mjpipe) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((mjpipe.folder / "out" / "teapots" / "report" / "costs.json").read_text())
    return document


def modes(server: SandboxServer, since: int = 0) -> list[object]:
    return [task["mode"] for task in server.tasks()][since:]


def files(mjpipe: Mjpipe) -> dict[str, bytes]:
    out = mjpipe.folder / "out" / "teapots"
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.png")}


def test_a_reroll_takes_the_place_of_what_it_replaces(made: Mjpipe, sandbox_server: SandboxServer) -> None:
    before, tasks = files(made), len(sandbox_server.tasks())
    said = made("pick", "campaign.yaml", HERO, "--reroll", "--note", "the lid is wrong")
    assert said.stderr.splitlines()[-3:] == ["wrote picks.csv", "next: run the campaign", "mjpipe run campaign.yaml"]
    plan = plan_of(made)
    assert (plan["jobs"]["to_submit"], plan["reasons"]) == (2, {"reroll requested": 1, "changed source": 1})
    assert (plan["cost"]["low_usd"], plan["cost"]["high_usd"]) == ("0.50", "2.90")
    (hero,) = [node for node in plan["nodes"] if node["name"] == "hero"]
    assert (hero["cost"]["low_usd"], hero["cost"]["reused_usd"]) == ("0.20", "0.20")

    made("run", "campaign.yaml", "--yes", code=5)
    assert modes(sandbox_server, tasks) == ["reroll", "upscale"]
    after = files(made)
    replaced = [f"hero/T-01-{number}.png" for number in range(4)] + ["large/T-01/1-0.png"]
    assert sorted(name for name in before if after.get(name) != before[name]) == replaced
    kept = [after[name] for name in sorted(after) if name.startswith(".orphans/")]
    assert sorted(kept) == sorted(before[name] for name in replaced)

    made("run", "campaign.yaml", "--yes", code=5)
    assert len(sandbox_server.tasks()) == tasks + 2
    assert plan_of(made)["jobs"]["to_submit"] == 0


def test_what_the_reports_say_of_a_reroll_is_so(made: Mjpipe, sandbox_server: SandboxServer) -> None:
    old = show(made, HERO)["attempts"][0]["taskId"]
    made("pick", "campaign.yaml", HERO, "--reroll")
    asked = show(made, HERO)
    assert (asked["state"], asked["why"]) == ("ready", "reroll requested")
    made("run", "campaign.yaml", "--yes", code=5)
    attempts = show(made, HERO)["attempts"]
    assert [(attempt["taskId"] == old, attempt["result"]) for attempt in attempts] == [(True, False), (False, True)]
    assert attempts[1]["request"] == {"mode": "reroll", "taskId": old}
    of_hero = [asset for asset in assets(made) if asset["key"] == HERO]
    assert {(asset["taskId"] == old, asset["extra"], asset["path"].startswith(".orphans/")) for asset in of_hero} == {
        (True, True, True),
        (False, False, False),
    }
    money = costs(made)
    assert (money["extras"]["tasks"], money["extras"]["spent"]) == (1, "0.20")
    assert money["totals"]["spent"] == sandbox_server.total_usd()
    with (made.folder / "picks.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["decision"], line["images"], line["task"]) for line in lines] == [("reroll", "", old)]


def test_a_reroll_that_is_taken_back_unsent_changes_nothing(made: Mjpipe, sandbox_server: SandboxServer) -> None:
    before, tasks = files(made), len(sandbox_server.tasks())
    picks = (made.folder / "picks.csv").read_text()
    made("pick", "campaign.yaml", HERO, "--reroll")
    refused = made("run", "campaign.yaml", "--budget", "0.05", code=4)
    assert "the budget leaves no room" in refused.stderr
    (made.folder / "picks.csv").write_text(picks)
    assert plan_of(made)["jobs"]["to_submit"] == 0
    made("run", "campaign.yaml", "--yes", code=5)
    assert (files(made), len(sandbox_server.tasks())) == (before, tasks)


def test_a_line_without_a_task_rerolls_once(made: Mjpipe, sandbox_server: SandboxServer) -> None:
    (made.folder / "picks.csv").write_text("key,decision\nhero/T-01,reroll\n")
    tasks = len(sandbox_server.tasks())
    for _ in range(2):
        made("run", "campaign.yaml", "--yes", code=5)
    assert modes(sandbox_server, tasks) == ["reroll", "upscale"]


def test_a_line_about_another_task_is_never_acted_on(made: Mjpipe) -> None:
    (made.folder / "picks.csv").write_text("key,decision,task\nhero/T-01,reroll,task_of_another_day\n")
    assert plan_of(made)["reasons"] == {}


def test_what_a_reroll_has_made_stale_is_listed_until_somebody_picks_again(made: Mjpipe) -> None:
    """The line that asked for the reroll has had its effect."""
    assert json.loads(made("status", "campaign.yaml", "--json").stdout)["stale_picks"] == []
    before = show(made, HERO)["attempts"][0]["taskId"]
    made("pick", "campaign.yaml", HERO, "--reroll", "--node", "final")
    made("run", "campaign.yaml", "--yes", code=5)
    assert json.loads(made("status", "campaign.yaml", "--json").stdout)["stale_picks"] == [
        {"key": HERO, "node": None, "decision": "pick", "images": [2], "task": before, "line": 2},
    ]
    assert made("status", "campaign.yaml").stdout.split("\n\n")[-2] == (
        "stale picks, ignored: made for earlier images of these jobs. Pick again, or delete the lines.\n"
        f"  picks.csv:2  {HERO}  pick 2 of {before}"
    )
    said = made("plan", "campaign.yaml")
    assert said.stderr.splitlines()[0] == (
        f"picks.csv:2:1: warning[MJ096]: a stale pick, ignored: made for earlier images of `{HERO}`"
    )
    made("pick", "campaign.yaml", HERO, "1")
    assert json.loads(made("status", "campaign.yaml", "--json").stdout)["stale_picks"] == []
    assert made("plan", "campaign.yaml").stderr == ""


def test_a_plan_says_how_many_picks_it_makes_stale(made: Mjpipe) -> None:
    made("pick", "campaign.yaml", "hero/T-02", "--reject")
    assert "stale_picks" not in plan_of(made)
    (made.folder / "campaign.yaml").write_text(MANIFEST.replace("a teapot, ", "a jug, "))
    said = made("plan", "campaign.yaml", "--json")
    assert said.stderr == (
        "picks.csv:2:1: warning[MJ096]: 2 stale picks, ignored: made for earlier images of `hero/T-01`, `hero/T-02`\n"
        f"    2 | {(made.folder / 'picks.csv').read_text().splitlines()[1]}\n"
        "      | ^^^^^^^^^\n"
        "   help: pick again, or delete the lines\n"
    )
    assert json.loads(said.stdout)["stale_picks"] == {"lines": 2, "keys": ["hero/T-01", "hero/T-02"]}
    stale = "2 stale picks, ignored: made for earlier images of `hero/T-01`, `hero/T-02`"
    assert stale in made("plan", "campaign.yaml", "--markdown").stdout.split("\n\n")
    made("run", "campaign.yaml", "--yes", code=5)
    (made.folder / "campaign.yaml").write_text(MANIFEST)
    assert made("plan", "campaign.yaml").stderr == "", "undone, the picks count again"


def test_a_pick_about_nothing_is_warned_of(made: Mjpipe) -> None:
    (made.folder / "picks.csv").write_text(
        "key,node,decision,images\nhero/T-1,,pick,2\nhero/T-01,finale,pick,2\nhero/T-02,final,reject,\n"
    )
    said = made("validate", "campaign.yaml").stderr
    lines = [line.strip() for line in said.splitlines()]
    assert [line for line in lines if line.startswith(("picks.csv", "help"))] == [
        "picks.csv:2:1: warning[MJ092]: no job has the key `hero/T-1`",
        "help: `mjpipe expand M` prints the keys; a follow-up has one once its source is picked",
        "picks.csv:3:11: warning[MJ092]: there is no node `finale`",
        "help: did you mean `final`?",
    ]


def test_a_pick_is_not_about_nothing_because_a_mistake_keeps_its_job_out_of_the_plan(made: Mjpipe) -> None:
    (made.folder / "picks.csv").write_text("key,node,decision,images\nhero/T-01,,pick,2\nhero/T-02,finale,reject,\n")
    (made.folder / "campaign.yaml").write_text(MANIFEST.replace("{{ ", "{{ x", 1))
    said = made("validate", "campaign.yaml", code=2).stderr
    assert [line.partition(": ")[2] for line in said.splitlines() if line.startswith("picks.csv")] == [
        "warning[MJ092]: there is no node `finale`"
    ]


def test_a_pick_takes_the_place_of_a_reroll_that_was_asked_for(made: Mjpipe) -> None:
    made("pick", "campaign.yaml", HERO, "--reroll")
    made("pick", "campaign.yaml", HERO, "2")
    plan = plan_of(made)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["done"]) == (0, 5)


def test_the_line_for_a_consumer_counts_before_that_for_all(made: Mjpipe) -> None:
    made("pick", "campaign.yaml", HERO, "--reroll", "--node", "final")
    assert plan_of(made)["reasons"] == {"reroll requested": 1, "changed source": 1}


def test_a_reroll_of_what_cannot_be_rerolled_is_refused_with_its_line(made: Mjpipe) -> None:
    refused = made("pick", "campaign.yaml", "large/T-01/1", "--reroll", code=2)
    assert "the service does not offer it after `upscale`" in refused.stderr
    assert f"mjpipe pick campaign.yaml {HERO} --reroll" in refused.stderr
    (made.folder / "picks.csv").write_text("key,decision\nlarge/T-01/1,reroll\n")
    reported = made("plan", "campaign.yaml", code=2)
    assert "picks.csv:2:1: error[MJ091]: `large/T-01/1` cannot be rerolled" in reported.stderr


def test_a_saved_plan_holds_a_reroll_to_its_price(made: Mjpipe, sandbox_server: SandboxServer) -> None:
    tasks = len(sandbox_server.tasks())
    made("plan", "campaign.yaml", "--out", "before.json")
    made("pick", "campaign.yaml", HERO, "--reroll")
    refused = made("run", "campaign.yaml", "--plan", "before.json", code=2)
    assert "would be submitted" in refused.stderr
    made("plan", "campaign.yaml", "--out", "with.json")
    made("run", "campaign.yaml", "--plan", "with.json", code=5)
    assert modes(sandbox_server, tasks) == ["reroll", "upscale"]


def test_a_run_that_is_killed_in_the_midst_of_a_reroll_pays_for_it_once(
    made: Mjpipe, sandbox_server: SandboxServer
) -> None:
    tasks = len(sandbox_server.tasks())
    made("pick", "campaign.yaml", HERO, "--reroll")
    process = made.start("run", "campaign.yaml", "--yes")
    ledger = made.folder / ".mjpipe" / "teapots" / "ledger.sqlite"
    while not _in_state(ledger, "submitted") and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    made("run", "campaign.yaml", "--yes", code=5)
    assert modes(sandbox_server, tasks) == ["reroll", "upscale"]
    assert {asset["path"] for asset in assets(made)} == set(files(made))


def test_an_edit_undone_while_a_reroll_was_asked_for_costs_nothing(made: Mjpipe, sandbox_server: SandboxServer) -> None:
    made("pick", "campaign.yaml", HERO, "--reroll")
    made("run", "campaign.yaml", "--yes", code=5)
    tasks = len(sandbox_server.tasks())
    (made.folder / "campaign.yaml").write_text(MANIFEST.replace("{sku: T-01}, ", ""))
    made("run", "campaign.yaml", "--yes", code=5)
    (made.folder / "campaign.yaml").write_text(MANIFEST)
    made("run", "campaign.yaml", "--yes", code=5)
    assert len(sandbox_server.tasks()) == tasks
    assert show(made, HERO)["attempts"][1]["result"]


def test_what_was_replaced_is_pruned_when_a_person_says_so(made: Mjpipe) -> None:
    made("pick", "campaign.yaml", HERO, "--reroll")
    made("run", "campaign.yaml", "--yes", code=5)
    listed = made("prune", "campaign.yaml").stdout.splitlines()
    assert len(listed) == 6  # four of the generation, and what was made of them
    made("prune", "campaign.yaml", "--yes")
    made("run", "campaign.yaml", "--yes", code=5)
    assert not set(listed) & set(files(made))
    assert made("prune", "campaign.yaml").stdout == ""


def _in_state(ledger: Path, state: str) -> int:
    with closing(sqlite3.connect(ledger, timeout=10)) as connection:
        found: tuple[int] = connection.execute("SELECT count(*) FROM jobs WHERE state = ?", (state,)).fetchone()
    return found[0]
