"""What a person picked goes on counting when rows and nodes get other names: nothing is asked, paid or left over."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer
from tests.cli.studio import contents, whole_runs

NODES = ("hero", "warm", "final")


@dataclass(frozen=True, kw_only=True)
class Birds:
    """`rows` are keys with names, `nodes` the present names of `NODES`; a person picks what the last two start from."""

    rows: tuple[tuple[str, str], ...] = (("A", "heron"), ("B", "duck"))
    nodes: tuple[str, str, str] = ("hero", "warm", "final")
    take: int | None = None

    def write(self, folder: Path) -> Path:
        hero, warm, final = self.nodes
        kinds: dict[str, dict[str, object]] = {
            hero: {"kind": "generate", "for_each": ["birds"], "params": {"prompt": "a {{ name }}"}},
            warm: {"kind": "vary", "from": hero, "images": "pick", "params": {"type": 1}},
            final: {"kind": "upscale", "from": [hero, warm], "images": "pick", "params": {"type": 0}},
        }
        for name, first in zip(self.nodes, NODES, strict=True):
            if name != first:
                kinds[name]["was"] = first
        if self.take:
            kinds[hero]["take"] = self.take
        document = {
            "mjpipe": 1,
            "campaign": "birds",
            "inputs": {"birds": {"rows": [{"sku": sku, "name": name} for sku, name in self.rows], "key": "sku"}},
            "limits": {"requests_per_second": 1000},
            "nodes": kinds,
        }
        (folder / "campaign.yaml").write_text(json.dumps(document))
        return folder / "campaign.yaml"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


class Picked:
    """A campaign in which everything was picked that could be, and made."""

    def __init__(self, folder: Path, server: SandboxServer, birds: Birds) -> None:
        self.folder = folder
        self.mjpipe: InProcess = at(server)
        self._server = server
        manifest = birds.write(folder)
        self.mjpipe("run", manifest, "--yes", code=5)
        for number, (sku, _) in enumerate(birds.rows):
            self.mjpipe("pick", manifest, f"hero/{sku}", number % 4)
        self.mjpipe("run", manifest, "--yes", code=5)
        for number, (sku, _) in enumerate(birds.rows):
            self.mjpipe("pick", manifest, f"warm/{sku}/{number % 4}", 3, "--node", "final")
        self.mjpipe("run", manifest, "--yes")
        self._pictures = sorted(contents(folder / "out" / "birds").values())
        self._tasks = len(server.tasks())

    @property
    def file(self) -> Path:
        return self.folder / "picks.csv"

    def costs_nothing(self, birds: Birds) -> None:
        """To everybody, and at once: those who only look first."""
        manifest = birds.write(self.folder)
        plan = self.mjpipe.plan(manifest)
        assert {state: count for state, count in plan["jobs"].items() if count} == {"total": 8, "done": 8}
        assert self.mjpipe("prune", manifest).out == ""
        self.mjpipe("run", manifest)
        assert self.mjpipe.plan(manifest)["jobs"]["done"] == 8
        assert json.loads(self.mjpipe("status", manifest, "--json").out)["stale_picks"] == []
        assert sorted(contents(self.folder / "out" / "birds").values()) == self._pictures
        assert len(self._server.tasks()) == self._tasks

    def lines(self) -> list[dict[str, str]]:
        with self.file.open(newline="") as file:
            return [*csv.DictReader(file)]

    def without_tasks(self) -> None:
        lines = self.lines()
        with self.file.open("w", newline="") as file:
            table = csv.DictWriter(file, fieldnames=["key", "node", "decision", "images"], extrasaction="ignore")
            table.writeheader()
            table.writerows(lines)

    def put(self, old: str, new: str) -> None:
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))


@pytest.fixture
def picked(tmp_path: Path, server: SandboxServer) -> Picked:
    return Picked(tmp_path, server, Birds())


@st.composite
def renamed(draw: st.DrawFn, before: Birds) -> Birds:
    """Other names for the same."""
    free = [sku for sku in "ABCDEF" if sku not in dict(before.rows)]
    match draw(st.sampled_from(("row", "rows swapped", "order", "nodes", "take", "back"))):
        case "row":
            place = draw(st.integers(0, 1))
            row = (draw(st.sampled_from(free)), before.rows[place][1])
            return replace(before, rows=(*before.rows[:place], row, *before.rows[place + 1 :]))
        case "rows swapped":
            (one, heron), (other, duck) = before.rows
            return replace(before, rows=((one, duck), (other, heron)))
        case "order":
            return replace(before, rows=before.rows[::-1])
        case "nodes":
            lead = draw(st.sampled_from(("hero", "lead", "opening")))
            return replace(before, nodes=(lead, draw(st.sampled_from(("warm", "tint"))), "final"))
        case "take":
            return replace(before, take=draw(st.sampled_from((None, 1))))
        case _:
            return replace(before, nodes=("hero", "warm", draw(st.sampled_from(("final", "master")))))


@given(data=st.data(), alike=st.booleans())
@whole_runs(6)
def test_other_names_cost_nothing_and_leave_nothing_over(
    tmp_path_factory: pytest.TempPathFactory, server: SandboxServer, data: st.DataObject, *, alike: bool
) -> None:
    birds = Birds(rows=(("A", "heron"), ("B", "heron" if alike else "duck")))
    picked = Picked(tmp_path_factory.mktemp("campaign"), server, birds)
    for _ in range(data.draw(st.integers(1, 4), label="edits")):
        for _ in range(data.draw(st.integers(1, 3), label="at once")):
            birds = data.draw(renamed(birds))
        picked.costs_nothing(birds)


def test_a_line_about_a_task_counts_under_the_key_that_its_job_has_now(picked: Picked) -> None:
    picked.costs_nothing(Birds(rows=(("X", "heron"), ("B", "duck"))))
    picked.costs_nothing(Birds(rows=(("X", "heron"), ("A", "duck"))))


def test_a_line_may_be_given_the_new_key_before_anything_runs(picked: Picked) -> None:
    picked.put("hero/A", "lead/A/t0")
    picked.costs_nothing(Birds(nodes=("lead", "warm", "final"), take=1))


def test_a_line_without_a_task_goes_on_being_about_the_one_that_it_was_bound_to(picked: Picked) -> None:
    picked.without_tasks()
    picked.costs_nothing(Birds())
    picked.costs_nothing(Birds(nodes=("lead", "tint", "master"), rows=(("X", "heron"), ("Y", "duck"))))


def test_a_line_that_is_rewritten_goes_on_being_about_its_task(picked: Picked) -> None:
    other = Birds(rows=(("X", "heron"), ("B", "duck")))
    picked.costs_nothing(other)
    picked.put("hero/A,,pick,0", "hero/A,,pick,1")
    plan = picked.mjpipe.plan(other.write(picked.folder))
    assert (plan["jobs"]["to_submit"], plan["reasons"]) == (2, {"new": 2}), "for warm and for final"


def test_the_key_of_another_job_does_not_lend_its_line_a_task(picked: Picked) -> None:
    """Somebody filled a column down."""
    tasks = {line["key"]: line["task"] for line in picked.lines()}
    picked.put(tasks["hero/B"], tasks["hero/A"])
    manifest = picked.folder / "campaign.yaml"
    plan = picked.mjpipe.plan(manifest)
    assert (plan["jobs"]["done"], plan["jobs"]["unpicked"], plan["jobs"]["to_submit"]) == (5, 2, 0)
    (stale,) = json.loads(picked.mjpipe("status", manifest, "--json").out)["stale_picks"]
    assert (stale["key"], stale["task"]) == ("hero/B", tasks["hero/A"])


def test_a_line_that_counts_is_not_reported_as_one_without_a_job(picked: Picked) -> None:
    picked.without_tasks()
    picked.costs_nothing(Birds())
    manifest = Birds(nodes=("lead", "warm", "master")).write(picked.folder)
    assert picked.mjpipe("plan", manifest).err == ""


def test_a_reroll_that_waits_is_sent_once_under_the_new_name(picked: Picked, server: SandboxServer) -> None:
    manifest = picked.folder / "campaign.yaml"
    picked.mjpipe("pick", manifest, "warm/A/0", "--reroll", "--node", "final")
    Birds(nodes=("hero", "tint", "master")).write(picked.folder)
    plan = picked.mjpipe.plan(manifest)
    assert (plan["jobs"]["to_submit"], plan["reasons"]) == (1, {"reroll requested": 1})
    before = len(server.tasks())
    for _ in range(2):
        picked.mjpipe("run", manifest, "--yes", code=5)
        assert [task["mode"] for task in server.tasks()[before:]] == ["reroll"]
