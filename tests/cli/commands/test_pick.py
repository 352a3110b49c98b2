"""A person chooses, in the shell or in the file; nothing behind a choice is made before it."""

import csv
import json
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mjpipe.cli.commands.pick import person
from tests.cli.program import EXAMPLES, Mjpipe, SandboxServer


@pytest.fixture
def campaign(mjpipe: Mjpipe) -> Path:
    """Two products in two looks; a person picks what is upscaled."""
    rows = (EXAMPLES / "products.csv").read_text().splitlines(keepends=True)
    (mjpipe.folder / "products.csv").write_text("".join(rows[:3]))
    text = (EXAMPLES / "quickstart.yaml").read_text()
    text = text.replace("limits:\n", "limits:\n  requests_per_second: 500\n").replace("images: [1]", "images: pick")
    (mjpipe.folder / "campaign.yaml").write_text(text)
    return mjpipe.folder / "campaign.yaml"


def plan_of(mjpipe: Mjpipe) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(mjpipe("plan", "campaign.yaml", "--json").stdout)
    return plan


def test_what_is_picked_is_made_and_nothing_else(paying: Mjpipe, sandbox_server: SandboxServer, campaign: Path) -> None:
    assert plan_of(paying)["jobs"]["unpicked"] == 6
    first = paying("run", campaign.name, "--yes", code=5)
    assert "pick" in first.stdout.splitlines()[-1]
    assert len(sandbox_server.tasks()) == 6

    paying("pick", campaign.name, "hero/T-01/studio", "0", "2")
    paying("pick", campaign.name, "hero/T-02/studio", "--reject", "--note", "too dark")
    plan = plan_of(paying)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["unpicked"]) == (2, 4)
    assert plan["cost"]["low_usd"] == "0.60"
    paying("run", campaign.name, "--yes", code=5)
    assert [task["mode"] for task in sandbox_server.tasks()][6:] == ["upscale", "upscale"]
    finals = campaign.parent / "out" / "quickstart" / "final"
    assert sorted(path.name for path in finals.iterdir()) == [
        "T-01-studio-hero-0.png",
        "T-01-studio-hero-2.png",
    ]


def test_the_picks_file_says_who_saw_what_and_a_second_choice_takes_the_place_of_the_first(
    paying: Mjpipe, sandbox_server: SandboxServer, campaign: Path
) -> None:
    paying("run", campaign.name, "--yes", code=5)
    paying("pick", campaign.name, "hero/T-01/studio", "0")
    paying("pick", campaign.name, "hero/T-01/studio", "3", "--node", "final")
    paying("pick", campaign.name, "hero/T-01/studio", "1")
    with (campaign.parent / "picks.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    tasks = {task["taskId"] for task in sandbox_server.tasks()}
    assert [(line["key"], line["node"], line["decision"], line["images"]) for line in lines] == [
        ("hero/T-01/studio", "final", "pick", "3"),
        ("hero/T-01/studio", "", "pick", "1"),
    ]
    assert all(line["task"] in tasks and line["by"] and line["at"] for line in lines)


def test_a_line_about_another_task_is_never_acted_on(paying: Mjpipe, campaign: Path) -> None:
    paying("run", campaign.name, "--yes", code=5)
    (campaign.parent / "picks.csv").write_text(
        "key,node,decision,images,task\nhero/T-01/studio,,pick,0,task_of_another_day\n"
    )
    assert plan_of(paying)["jobs"]["unpicked"] == 6


def test_mistakes_in_the_picks_file_are_reported_with_their_lines(mjpipe: Mjpipe, campaign: Path) -> None:
    (campaign.parent / "picks.csv").write_text(
        "key,node,decision,images\nhero/T-01/studio,,yes,0\nhero/T-01/studio,,pick,two\n,,reject,\n"
    )
    refused = mjpipe("validate", campaign.name, code=2)
    assert [line for line in refused.stderr.splitlines() if "MJ090" in line] == [
        "picks.csv:2:19: error[MJ090]: `yes` is not a decision: write pick, reject or reroll",
        "picks.csv:3:24: error[MJ090]: `two` are not image numbers: separate them by spaces, such as 0 2",
        "picks.csv:4:1: error[MJ090]: the line has no job key",
    ]
    assert refused.stderr.splitlines()[-1] == "error: 3 errors in picks.csv"


def test_of_picks_made_at_once_none_is_lost(paying: Mjpipe, campaign: Path) -> None:
    paying("run", campaign.name, "--yes", code=5)
    keys = [f"hero/{sku}/{style}" for sku in ("T-01", "T-02") for style in ("studio", "lifestyle")]
    with ExitStack() as stack:
        started = [stack.enter_context(paying.start("pick", campaign.name, key, "0")) for key in keys]
        said = [pick.communicate(timeout=60)[0] for pick in started]
    assert [pick.returncode for pick in started] == [0] * 4, said
    with (campaign.parent / "picks.csv").open(newline="") as file:
        assert sorted(line["key"] for line in csv.DictReader(file)) == sorted(keys)


def test_who_has_no_name_picks_under_a_number() -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    assert person(nameless) == str(os.getuid())


def test_only_images_that_came_can_be_picked(paying: Mjpipe, campaign: Path) -> None:
    paying("run", campaign.name, "--yes", code=5)
    beyond = paying("pick", campaign.name, "hero/T-01/studio", "4", code=2)
    assert "it has 0 1 2 3" in beyond.stderr
    unmade = paying("pick", campaign.name, "hero/T-09/studio", "0", code=2)
    assert unmade.stderr.startswith("error: there is no job `hero/T-09/studio`\nhelp: did you mean `hero/T-0")
    assert not (campaign.parent / "picks.csv").exists()
    shutil.rmtree(campaign.parent / ".mjpipe")
