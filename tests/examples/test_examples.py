"""Every example is valid, costs what is said here, and runs to its end for exactly what its plan said."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mjpipe.campaign import open_campaign, plan
from mjpipe.plan import plan_line
from mjpipe.sandbox import Settings, start_sandbox
from tests.cli.program import EXAMPLES, PIXELS, Mjpipe, SandboxServer

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))

PLANS = {
    "draft-funnel": "15 to submit (60 images), 15 waiting for picks (up to 120 images) · $1.50 to $31.50",
    "draft-funnel-fast": "15 to submit (60 images), 15 waiting for picks (up to 60 images) · $3.00 to $21.00",
    "localisation": "17 to submit (44 images) · $5.00",
    "product-campaign": "20 to submit (80 images), 20 waiting for picks (up to 80 images) · $4.00 to $28.00",
    "quickstart": "30 to submit (75 images) · $8.00",
    "references": "10 to submit (40 images) · $2.00",
    "region-edits": "14 to submit (41 images) · $4.20",
    "reroll-and-vary": "14 to submit (56 images) · $3.60",
    "storyboard": "11 to submit (44 images) · $2.80",
}


@dataclass(frozen=True)
class Picked:
    """What a person picks after the first run, and the plan's line then: tasks, their dollars, and what still waits."""

    lines: tuple[str, ...]
    plan: str
    code: int


PICKS = {
    # The ledger counts enhance at the manifest's own price.
    "draft-funnel": Picked(
        ("sketch/tram/t1,pick,0 3", "sketch/orchard/t0,pick,2"),
        "6 to submit (6 images), 15 done, 13 waiting for picks (up to 104 images) · $1.50 to $27.50",
        5,
    ),
    "draft-funnel-fast": Picked(
        tuple(
            f"sketch/{idea}/t{take},{'pick,1' if take == 0 else 'reject,'}"
            for idea in ("night-market", "lighthouse", "tram", "orchard", "swimmers")
            for take in range(3)
        ),
        "5 to submit (5 images), 15 done · $1.50",
        0,
    ),
    "product-campaign": Picked(
        ("photo/L-101/studio/1x1,pick,2", "photo/L-202/detail/1x1,pick,0 1"),
        "3 to submit (3 images), 20 done, 18 waiting for picks (up to 72 images) · $0.90 to $22.50",
        5,
    ),
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with start_sandbox(Settings(state=tmp_path / "sandbox-state", speed_up=200, pixels=PIXELS)) as running:
        yield SandboxServer(running.base_url)


@pytest.fixture
def mjpipe(tmp_path: Path, server: SandboxServer) -> Mjpipe:
    """The program in a copy of the examples, pointed at the sandbox as if it were the service."""
    folder = tmp_path / "manifests"
    folder.mkdir()
    for file in EXAMPLES.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    service = {"APIXO_BASE_URL": server.base_url, "APIXO_API_KEY": "a-key"}
    return Mjpipe(folder, {**os.environ, **service, "NO_COLOR": "1", "COLUMNS": "100"})


def hurried(manifest: Path) -> None:
    """As many requests a second as the tests have patience for."""
    text = manifest.read_text("utf-8")
    assert text.count("\nlimits:\n") == 1
    manifest.write_text(text.replace("\nlimits:\n", "\nlimits:\n  requests_per_second: 500\n"), "utf-8")


def in_short(manifest: Path) -> str:
    """The plan's line without what no test should wait for."""
    line = plan_line(plan(open_campaign(manifest)).summary)
    return line.removeprefix("Plan: ").partition(" · about")[0]


def plan_of(mjpipe: Mjpipe, name: str) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(mjpipe("plan", f"{name}.yaml", "--json").stdout)
    return plan


def spent(mjpipe: Mjpipe, name: str) -> Decimal:
    costs = json.loads((mjpipe.folder / "out" / name / "report" / "costs.json").read_text())
    return Decimal(costs["totals"]["spent"])


def billed(server: SandboxServer, *, unpriced: Decimal) -> Decimal:
    """The service's own account, with our price for what it has none for."""
    return sum((unpriced if task.get("unpriced") else Decimal(str(task["usd"])) for task in server.tasks()), Decimal(0))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_valid_and_its_plan_is_this(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_short(EXAMPLES / f"{name}.yaml") == PLANS[name]
    assert capsys.readouterr() == ("", "")  # no diagnostic, not even a warning


@pytest.mark.parametrize("name", NAMES)
def test_what_an_example_submits_and_spends_is_what_its_plan_said(
    mjpipe: Mjpipe, server: SandboxServer, name: str
) -> None:
    manifest = mjpipe.folder / f"{name}.yaml"
    hurried(manifest)
    enhance = Decimal(open_campaign(manifest).manifest.price_overrides.get("enhance", "0"))
    first = plan_of(mjpipe, name)
    mjpipe("run", f"{name}.yaml", code=5 if name in PICKS else 0)
    assert len(server.tasks()) == first["jobs"]["to_submit"]
    assert spent(mjpipe, name) == billed(server, unpriced=enhance) == Decimal(first["cost"]["low_usd"])
    if name not in PICKS:
        assert_receipts(mjpipe.folder, name, server)
        return
    picked = PICKS[name]
    text = "\n".join(["key,decision,images", *picked.lines, ""])
    (mjpipe.folder / f"{name}.picks.csv").write_text(text)
    assert in_short(manifest) == picked.plan
    second = plan_of(mjpipe, name)
    mjpipe("run", f"{name}.yaml", code=picked.code)
    assert len(server.tasks()) == first["jobs"]["to_submit"] + second["jobs"]["to_submit"]
    both = Decimal(first["cost"]["low_usd"]) + Decimal(second["cost"]["low_usd"])
    assert spent(mjpipe, name) == billed(server, unpriced=enhance) == both
    assert_receipts(mjpipe.folder, name, server)


def assert_receipts(folder: Path, name: str, server: SandboxServer) -> None:
    """They name each task that was billed, and no prompt."""
    text = "".join(path.read_text() for path in (folder / f"{name}.receipts").iterdir())
    ended = [line for line in map(json.loads, text.splitlines()) if line["event"] == "answered"]
    assert sorted(line["task"] for line in ended) == sorted(str(task["taskId"]) for task in server.tasks())
    with closing(sqlite3.connect(folder / ".mjpipe" / name / "ledger.sqlite")) as ledger:
        sent = [json.loads(body)["input"] for (body,) in ledger.execute("SELECT body FROM attempts")]
    prompts = {request[field] for request in sent for field in ("prompt", "remixPrompt") if field in request}
    assert prompts
    assert [prompt for prompt in prompts if prompt in text or json.dumps(prompt)[1:-1] in text] == []


def test_the_readme_has_a_line_for_each_example_with_its_plan() -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    for name in NAMES:
        counts, _, cost = PLANS[name].partition(" · ")
        tasks = counts.partition(" ")[0]
        assert f"| [`{name}`]({name}.yaml) | " in readme
        assert f"| {tasks} | {cost} |\n" in readme.partition(f"[`{name}`]")[2]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_says_in_its_first_comment_what_it_shows(name: str) -> None:
    modeline, sentence, begin = (EXAMPLES / f"{name}.yaml").read_text("utf-8").splitlines()[:3]
    assert modeline == "# yaml-language-server: $schema=../../schemas/manifest.schema.json"
    assert sentence.startswith("# ")
    assert sentence.endswith(".")
    assert begin == "mjpipe: 1"
