"""A part of a campaign: selected, sampled, held to a saved plan; the whole later pays for none of it again."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mjpipe.campaign.narrowing import Narrowed, Narrowing
from mjpipe.domain import JobState, Standing
from mjpipe.manifest import load_manifest
from tests.cli.in_process import InProcess
from tests.cli.program import EXAMPLES, Mjpipe, SandboxServer
from tests.ledger.jobs import generation


@pytest.fixture
def campaign(mjpipe: Mjpipe) -> Path:
    for name in ("products.csv", "quickstart.yaml"):
        text = (EXAMPLES / name).read_text().replace("limits:\n", "limits:\n  requests_per_second: 500\n")
        (mjpipe.folder / name).write_text(text)
    return mjpipe.folder / "quickstart.yaml"


def modes(server: SandboxServer) -> list[object]:
    return [task["mode"] for task in server.tasks()]


def test_a_selected_node_is_made_alone_and_the_rest_later(
    paying: Mjpipe, sandbox_server: SandboxServer, campaign: Path
) -> None:
    paying("run", campaign.name, "--yes", "--select", "hero,style=studio")
    assert modes(sandbox_server) == ["text-to-image"] * 5
    paying("run", campaign.name, "--yes", "--select", "warmer")
    assert modes(sandbox_server)[5:] == ["vary"] * 5
    paying("run", campaign.name, "--yes")
    assert len(sandbox_server.tasks()) == 30


def test_a_sample_takes_the_same_rows_each_time_and_the_full_run_reuses_them(
    paying: Mjpipe, sandbox_server: SandboxServer, campaign: Path
) -> None:
    paying("run", campaign.name, "--yes", "--sample", "2")
    sampled = len(sandbox_server.tasks())
    assert sampled == 12  # two of five products, in each look, with all that follows
    paying("run", campaign.name, "--yes", "--sample", "2")
    assert len(sandbox_server.tasks()) == sampled
    paying("run", campaign.name, "--yes")
    assert len(sandbox_server.tasks()) == 30


def test_a_selection_that_names_nothing_is_refused(mjpipe: Mjpipe, campaign: Path) -> None:
    refused = mjpipe("run", campaign.name, "--sandbox", "--select", "heros", code=2)
    assert refused.stderr == "error: there is no node `heros` to select\nhelp: did you mean `hero`?\n"
    assert (
        "`undone` is not a job state"
        in mjpipe("run", campaign.name, "--sandbox", "--select", "state:undone", code=2).stderr
    )


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """In a folder with the campaign."""
    for name in ("products.csv", "quickstart.yaml"):
        (tmp_path / name).write_text((EXAMPLES / name).read_text())
    monkeypatch.chdir(tmp_path)
    return InProcess(os.environ)


@pytest.mark.parametrize(
    ("options", "jobs"),
    [
        ([], 30),
        (["--select", "hero"], 10),
        (["--exclude", "hero"], 20),
        (["--select", "sku=T-0*", "--exclude", "*/studio*"], 10),
        (["--exclude", "sku=T-01", "--exclude", "sku=T-02,hero"], 22),
        (["--sample", "2"], 12),
        (["--sample", "2", "--select", "hero"], 4),
        (["--sample", "1", "--of", "looks"], 20),
        (["--select", "state:failed"], 0),
        (["--exclude", "state:ready", "--select", "hero"], 0),
    ],
)
def test_a_plan_an_expansion_and_a_dry_run_are_of_the_part_that_is_asked_for(
    planned: InProcess, options: list[str], jobs: int
) -> None:
    assert planned.plan(Path("quickstart.yaml"), *options)["jobs"]["total"] == jobs
    assert len(planned("expand", "quickstart.yaml", *options).out.splitlines()) == jobs
    text = planned("plan", "quickstart.yaml", *options).out
    assert planned("run", "quickstart.yaml", "--dry-run", *options).out == text


@pytest.mark.parametrize("command", ["plan", "expand", "run"])
def test_all_wrong_terms_are_named_at_once_with_what_was_meant(planned: InProcess, command: str) -> None:
    wrong = ["--select", "heros,sku=T-O1", "--select", "hero/T-01", "--exclude", "stile=studio"]
    assert planned(command, "quickstart.yaml", *wrong, code=2).err == (
        "error: there is no node `heros` to select\n"
        "help: did you mean `hero`?\n"
        "error: no job has `T-O1` in `sku`\n"
        "help: did you mean `sku=T-01`?\n"
        "error: no job has the key `hero/T-01`\n"
        "help: did you mean `hero/T-01/*`?\n"
        "error: no job has a column or label `stile`\n"
        "help: did you mean `style`?\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--select", "hero", "--exclude", "style=*"],
            "error: nothing is left: --exclude names all jobs that --select names\nhelp: leave one of them out\n",
        ),
        (["--exclude", "*"], "error: nothing is left: --exclude names all jobs\nhelp: leave one of them out\n"),
        (
            ["--of", "looks"],
            (
                "error: --of names the input of a sample, and no --sample is given\n"
                "help: for three rows: --sample 3 --of looks\n"
            ),
        ),
        (
            ["--sample", "1", "--of", "look"],
            "error: there is no input `look`\nhelp: did you mean `looks`?\n",
        ),
    ],
)
def test_a_part_without_jobs_is_refused(planned: InProcess, options: list[str], said: str) -> None:
    assert planned("plan", "quickstart.yaml", *options, code=2).err == said


def test_what_waits_behind_an_exclusion_is_said_and_the_next_command_keeps_it(paying: Mjpipe, campaign: Path) -> None:
    done = paying("run", campaign.name, "--yes", "--exclude", "hero,style=studio", "--select", "+final")
    assert "behind jobs not selected" in done.stderr
    again = paying("run", campaign.name, "--yes", "--select", "hero", "--exclude", "sku=T-0*,style=lifestyle")
    assert again.stdout.endswith(f"next: make the rest, 15 of 30 jobs\nmjpipe run {campaign.name}\n")


def test_failed_jobs_are_tried_again_but_for_those_that_the_service_does_not_offer(campaign: Path) -> None:
    manifest = load_manifest(campaign).manifest
    assert manifest is not None
    job = generation("a")
    failed, not_offered = Standing(state=JobState.FAILED), Standing(state=JobState.FAILED, offered=False)
    narrowing = Narrowing(manifest, retry_failed=True)
    again = Standing(state=JobState.READY, reason="retry requested")
    assert narrowing.take([(job, failed), (job, not_offered)]) == [(job, again), (job, not_offered)]
    assert narrowing.finish() == Narrowed(rest=(), retried=[job])


def test_a_saved_plan_is_carried_out_and_refused_when_it_no_longer_fits(
    paying: Mjpipe, sandbox_server: SandboxServer, campaign: Path
) -> None:
    paying("plan", campaign.name, "--out", "plan.json")
    with (campaign.parent / "products.csv").open("a") as file:
        file.write("T-06,Heron teapot,bone china,ivory,a tall handle,3\n")
    refused = paying("run", campaign.name, "--plan", "plan.json", code=2)
    assert "`products.csv` has changed" in refused.stderr
    assert "36 jobs would be submitted, not 30" in refused.stderr
    assert sandbox_server.tasks() == []

    difference = paying("plan", campaign.name, "--against", "plan.json").stdout
    assert difference.splitlines()[0] == "in all: 30 -> 36 to submit (+6), $8.00 -> $9.60 (+$1.60)"
    paying("plan", campaign.name, "--out", "plan.json")
    paying("run", campaign.name, "--plan", "plan.json")
    assert sandbox_server.total_usd() == "9.60"
    paying("run", campaign.name, "--plan", "plan.json")
    assert sandbox_server.total_usd() == "9.60"


def test_reports_can_be_written_again_by_column_and_for_machines(
    paying: Mjpipe, sandbox_server: SandboxServer, campaign: Path
) -> None:
    assert sandbox_server.tasks() == []
    paying("run", campaign.name, "--yes", "--junit", "junit.xml", "--by", "style")
    costs: dict[str, Any] = json.loads((campaign.parent / "out/quickstart/report/costs.json").read_text())
    assert costs["totals"]["spent"] == "8.00"
    assert (campaign.parent / "junit.xml").read_text().count("<testcase") == 30
    (campaign.parent / "out/quickstart/report/costs.json").unlink()
    said = paying("report", campaign.name, "--by", "sku").stdout
    assert "by sku" in said
    assert (campaign.parent / "out/quickstart/report/costs.json").exists()
    nowhere = paying("report", campaign.name, "--github", code=2)
    assert "GitHub Actions only" in nowhere.stderr


def test_an_edited_prompt_orphans_what_was_made_and_prune_removes_it_with_yes(
    paying: Mjpipe, sandbox_server: SandboxServer, campaign: Path
) -> None:
    paying("run", campaign.name, "--yes")
    text = campaign.read_text()
    campaign.write_text(text.replace("warmer light, the", "golden light, the"))
    plan = json.loads(paying("plan", campaign.name, "--json").stdout)
    assert plan["jobs"]["to_submit"] == 10
    assert plan["orphaned"] == {"jobs": 10, "paid_usd": "3.00", "unpriced_jobs": 0}
    assert plan["nodes"][1]["reasons"] == {"changed remixPrompt": 5}
    assert plan["nodes"][2]["reasons"] == {"changed source": 5}
    assert (
        "10 jobs become orphans (paid $3.00, kept)\nbudget: $12.00 left, enough for all\nPlan: "
        in paying("run", campaign.name, "--budget", "20").stderr
    )
    assert len(sandbox_server.tasks()) == 40
    listed = paying("prune", campaign.name).stdout.splitlines()
    assert len(listed) == 25
    assert all((campaign.parent / "out/quickstart" / path).exists() for path in listed)
    paying("prune", campaign.name, "--yes")
    assert not any((campaign.parent / "out/quickstart" / path).exists() for path in listed)

    campaign.write_text(text)
    assert json.loads(paying("plan", campaign.name, "--json").stdout)["jobs"]["to_submit"] == 0
    paying("run", campaign.name, "--budget", "20")
    assert len(sandbox_server.tasks()) == 40
    assert len(list((campaign.parent / "out/quickstart/warmer").glob("*.png"))) == 20
