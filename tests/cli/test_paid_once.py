"""Whatever happens to the state, the outputs and the receipts, the service never bills a request twice.

A random story is told to real processes and a sandbox server that keeps its own bill: runs, kills, renames, copies,
deletions, old copies that are put back, adoptions. One of the state, the receipts and `assets.jsonl` always knows of
every task: where none does, nothing can be known.
"""

import json
import random
import re
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Mjpipe, SandboxServer, wait_for_tasks

MOST = "999"
CODES = (0, 1, 2, 5, 6, 7, 9)

Made = tuple[str, str]
"""The mode and the sku of a job, whatever its node and campaign are called."""


@dataclass
class Story:
    """A user's folder, and what a person has done to it."""

    server: SandboxServer
    mjpipe: Mjpipe
    chance: random.Random
    campaign: str = "spring"
    node: str = "hero"
    was_campaign: list[str] = field(default_factory=list)
    was_node: list[str] = field(default_factory=list)
    skus: list[str] = field(default_factory=lambda: ["T-1", "T-2"])
    kept: list[Path] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    bought_again: int = 0
    copies: int = 0

    @property
    def folder(self) -> Path:
        return self.mjpipe.folder

    @property
    def states(self) -> Path:
        return self.folder / ".mjpipe"

    @property
    def receipts(self) -> Path:
        return self.folder / "m.receipts"

    # What a person writes

    def write(self) -> None:
        rows = "".join(f"{sku},pot {sku}\n" for sku in self.skus)
        (self.folder / "p.csv").write_text(f"sku,name\n{rows}")
        (self.folder / "m.yaml").write_text(
            f"mjpipe: 1\ncampaign: {self.campaign}\n"
            + (f"was: {json.dumps(self.was_campaign)}\n" if self.was_campaign else "")
            + "inputs: {pots: {csv: p.csv, key: sku}}\n"
            "limits: {concurrency: 3, requests_per_second: 60}\n"
            "polling: {first_after: 0.05, interval: 0.05}\n"
            "nodes:\n"
            f"  {self.node}:\n"
            + (f"    was: {json.dumps(self.was_node)}\n" if self.was_node else "")
            + "    kind: generate\n    for_each: [pots]\n"
            '    params: {prompt: "a {{ name }}"}\n'
            f"  big: {{kind: upscale, from: {self.node}, images: [0], params: {{type: 0}}}}\n"
        )

    def add_a_row(self) -> None:
        self.skus.append(f"T-{len(self.skus) + 1}")
        self.write()

    def rename_the_campaign(self) -> None:
        self._rename(said=False, campaign=True)

    def rename_the_campaign_and_say_so(self) -> None:
        self._rename(said=True, campaign=True)

    def rename_the_node(self) -> None:
        self._rename(said=False, campaign=False)

    def rename_the_node_and_say_so(self) -> None:
        self._rename(said=True, campaign=False)

    def _rename(self, *, said: bool, campaign: bool) -> None:
        old = self.campaign if campaign else self.node
        new = f"{'season' if campaign else 'node'}{self.chance.randint(0, 99)}"
        names = self.was_campaign if campaign else self.was_node
        if new == old or new in names:
            return
        if campaign:
            self.campaign = new
        else:
            self.node = new
        if said:
            names.insert(0, old)
        else:
            self.unsaid.append((campaign, old))
        self.write()

    unsaid: list[tuple[bool, str]] = field(default_factory=list)

    def say_what_was_renamed(self) -> None:
        for campaign, old in self.unsaid:
            names, present = (self.was_campaign, self.campaign) if campaign else (self.was_node, self.node)
            if old not in names and old != present:
                names.insert(0, old)
        self.unsaid.clear()
        self.write()

    # What a person runs

    def run(self) -> None:
        self._typed("run", "m.yaml", "--yes", "--budget", MOST)

    def run_and_adopt(self) -> None:
        self._typed("run", "m.yaml", "--yes", "--budget", MOST, "--adopt")

    def adopt(self) -> None:
        self._typed("adopt", "m.yaml")

    def plan(self) -> None:
        self._typed("plan", "m.yaml")

    def run_and_kill(self) -> None:
        process = self.mjpipe.start("run", "m.yaml", "--yes", "--budget", MOST)
        wait_for_tasks(self.server, self.chance.randint(0, 3), process)
        time.sleep(self.chance.uniform(0, 0.3))
        process.kill()
        said, _ = process.communicate()
        assert "Traceback" not in said, said

    def buy_again(self) -> None:
        refused = self._typed("run", "m.yaml", "--yes", "--budget", MOST)
        asked = re.search(r"--buy-again (\d+\.\d+)", refused)
        if asked is not None:
            self.bought_again += 1
            self._typed("run", "m.yaml", "--yes", "--budget", MOST, "--buy-again", asked.group(1))

    def _typed(self, *argv: str) -> str:
        done = self.mjpipe(*argv, code=None)
        assert done.returncode in CODES, (self.told, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, (self.told, done.stderr)
        self.told[-1] += f" [{done.returncode}]"
        return done.stdout + done.stderr

    # What happens to the folder

    def lose_the_state(self) -> None:
        self._lose([self.states], [self.in_receipts, self.in_assets])

    def lose_the_receipts(self) -> None:
        self._lose([self.receipts], [self.in_ledger])

    def lose_the_outputs(self) -> None:
        self._lose([self.folder / "out"], [self.in_ledger, self.in_receipts])

    def lose_state_and_receipts(self) -> None:
        self._lose([self.states, self.receipts], [self.in_assets])

    def keep_a_copy_of_the_state(self) -> None:
        if self.states.exists():
            copy = self.folder.parent / f"kept-{len(self.kept)}"
            shutil.copytree(self.states, copy)
            self.kept.append(copy)

    def put_an_old_state_back(self) -> None:
        if self.kept and self._lose([self.states], [self.in_receipts, self.in_assets]):
            shutil.copytree(self.chance.choice(self.kept), self.states)

    def lose_the_wal(self) -> None:
        if self._knows(self.in_receipts):
            for path in self.states.glob("*/ledger.sqlite-*"):
                path.unlink()

    def copy_the_folder_and_go_on_there(self) -> None:
        self.copies += 1
        copy = self.folder.parent / f"copy-{self.copies}"
        shutil.copytree(self.folder, copy)
        self.mjpipe = Mjpipe(copy, self.mjpipe.environment)

    def move_the_folder(self) -> None:
        self.copies += 1
        moved = self.folder.parent / f"moved-{self.copies}"
        self.folder.rename(moved)
        self.mjpipe = Mjpipe(moved, self.mjpipe.environment)

    def _lose(self, what: list[Path], left: list[Callable[[], set[Made]]]) -> bool:
        """Removes it if something that is left knows of all tasks."""
        if not any(self._knows(witness) for witness in left):
            return False
        for path in what:
            shutil.rmtree(path, ignore_errors=True)
        return True

    # Who knows what

    def _knows(self, witness: Callable[[], set[Made]]) -> bool:
        return {made for made, _ in self.billed()} <= witness()

    def billed(self) -> Iterator[tuple[Made, str]]:
        sku_of: dict[object, str] = {}
        for task in self.server.tasks():
            request: Any = task["request"]
            sku = sku_of.get(request.get("taskId")) or request["prompt"].removeprefix("a pot ")
            sku_of[task["taskId"]] = sku
            yield (str(task["mode"]), sku), json.dumps(request, sort_keys=True)

    def in_ledger(self) -> set[Made]:
        found: set[Made] = set()
        for path in self.states.glob("*/ledger.sqlite"):
            with closing(sqlite3.connect(path)) as ledger:
                rows = ledger.execute(
                    "SELECT j.kind, j.key FROM jobs j JOIN attempts a ON a.job = j.id WHERE a.money <> 'free'"
                )
                found |= {(_mode(kind), _sku(key)) for kind, key in rows}
        return found

    def in_receipts(self) -> set[Made]:
        lines = [line for path in self.receipts.glob("*.jsonl") for line in path.read_text().splitlines()]
        receipts = [json.loads(line) for line in lines if line.endswith("}")]
        return {(receipt["mode"], _sku(receipt["key"])) for receipt in receipts if "attempt" in receipt}

    def in_assets(self) -> set[Made]:
        lines = [line for path in self.folder.glob("out/*/assets.jsonl") for line in path.read_text().splitlines()]
        assets = [json.loads(line) for line in lines]
        return {(asset["request"]["mode"], _sku(asset["key"])) for asset in assets}

    def check(self) -> None:
        if not self.bought_again:
            times = Counter(request for _, request in self.billed())
            assert set(times.values()) <= {1}, (self.told, times)
            kinds = Counter(made for made, _ in self.billed())
            assert set(kinds.values()) <= {1}, (self.told, kinds)


def _mode(kind: str) -> str:
    return {"generate": "text-to-image", "upscale": "upscale"}[kind]


def _sku(key: str) -> str:
    return key.split("/")[1]


EVENTS: dict[Callable[[Story], None], int] = {
    Story.run: 4,
    Story.run_and_kill: 5,
    Story.run_and_adopt: 2,
    Story.adopt: 3,
    Story.plan: 1,
    Story.add_a_row: 4,
    Story.rename_the_campaign: 1,
    Story.rename_the_campaign_and_say_so: 1,
    Story.rename_the_node: 1,
    Story.rename_the_node_and_say_so: 1,
    Story.say_what_was_renamed: 2,
    Story.lose_the_state: 3,
    Story.lose_the_receipts: 1,
    Story.lose_the_outputs: 1,
    Story.lose_state_and_receipts: 1,
    Story.keep_a_copy_of_the_state: 2,
    Story.put_an_old_state_back: 2,
    Story.lose_the_wal: 1,
    Story.copy_the_folder_and_go_on_there: 1,
    Story.move_the_folder: 1,
}


def told(server: SandboxServer, mjpipe: Mjpipe, seed: int, events: int, *, buys_again: bool = False) -> Story:
    """A story of so many events."""
    home = mjpipe.folder / f"story-{seed}" / "home"
    home.mkdir(parents=True)
    story = Story(server, Mjpipe(home, mjpipe.environment), random.Random(seed))
    story.write()
    chances = dict(EVENTS)
    if buys_again:
        chances[Story.buy_again] = 2
    for _ in range(events):
        (event,) = story.chance.choices([*chances], [*chances.values()])
        story.told.append(event.__name__)
        event(story)
        story.check()
    return story


def is_made(story: Story) -> bool:
    """Whether nothing is left to do, once a person has said what was renamed and has adopted what was lost."""
    story.told.append("in the end")
    story.say_what_was_renamed()
    story.adopt()  # a copy of a state, too, which no run takes over
    story.run()
    last = story.mjpipe("run", "m.yaml", "--yes", "--budget", MOST, code=None)
    story.check()
    # A person who has run under both names has to say which state counts.
    return last.returncode in (0, 6) or "there are two states of this campaign" in last.stderr


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.crash) for seed in range(3, 15))])
def test_a_request_is_billed_once_whatever_happens_to_state_outputs_and_receipts(
    paying: Mjpipe, sandbox_server: SandboxServer, seed: int
) -> None:
    story = told(sandbox_server, paying, seed, events=15)
    assert is_made(story), story.told
