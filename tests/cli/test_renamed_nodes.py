"""A node that was renamed pays nothing again: `was` says what it was, and without it a run is refused."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer

Node = Mapping[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("service")) as running:
        yield running


def asking(prompt: str, **keys: object) -> Node:
    params = {"prompt": f"{prompt} {{{{ name }}}}"}
    return {"kind": "generate", "for_each": ["birds"], "params": params, **keys}


def enlarged(source: str, **keys: object) -> Node:
    return {"kind": "upscale", "from": source, "images": [0], "params": {"type": 0}, **keys}


class Birds:
    """A campaign of two rows in which `hero`, `cover` and `final` were made and paid for."""

    def __init__(self, folder: Path, server: SandboxServer) -> None:
        self.mjpipe: InProcess = at(server)
        self._server = server
        self._before = len(server.tasks())
        self.manifest = folder / "campaign.yaml"
        self.run(hero=asking("a"), cover=asking("b"), final=enlarged("hero"))
        assert self.bill == 6

    @property
    def bill(self) -> int:
        return len(self._server.tasks()) - self._before

    def write(self, nodes: Mapping[str, Node]) -> None:
        document = {
            "mjpipe": 1,
            "campaign": "birds",
            "inputs": {"birds": {"rows": [{"sku": "A", "name": "heron"}, {"sku": "B", "name": "duck"}], "key": "sku"}},
            "limits": {"requests_per_second": 1000},
            "nodes": nodes,
        }
        self.manifest.write_text(json.dumps(document))

    def run(self, *argv: str, **nodes: Node) -> None:
        self.write(nodes)
        done = self.mjpipe("run", self.manifest, "--yes", *argv)
        assert "warning" not in done.err

    def refused(self, **nodes: Node) -> str:
        """What the run says. It costs nothing, and the plan warns of the same."""
        self.write(nodes)
        before = self.bill
        warned = self.mjpipe("plan", self.manifest)
        refused = self.mjpipe("run", self.manifest, "--yes", code=2)
        assert refused.out == ""
        assert warned.err.replace("warning: ", "error: ") == refused.err
        assert self.bill == before
        return refused.err


@pytest.fixture
def birds(tmp_path: Path, server: SandboxServer) -> Birds:
    return Birds(tmp_path, server)


def test_a_renamed_node_is_refused_until_was_says_what_it_was(birds: Birds) -> None:
    renamed = {"lead": asking("a"), "cover": asking("b"), "final": enlarged("lead")}
    assert birds.refused(**renamed) == (
        "error: node `lead` asks for what `hero`, which is gone from the manifest, made and was paid for: "
        "2 jobs, $0.40; what follows from it was paid for, too: 2 jobs, $0.60\n"
        "help: if it was renamed, say `was: hero` in `lead`; "
        "to pay for it again as a new node, say `was: []` in `lead`\n"
    )
    birds.run(**{**renamed, "lead": asking("a", was="hero")})
    birds.run(**renamed)
    assert birds.bill == 6


def test_all_nodes_of_a_chain_are_named_at_once(birds: Birds) -> None:
    refused = birds.refused(lead=asking("a"), cover=asking("b"), master=enlarged("lead"))
    assert refused == (
        "error: node `lead` asks for what `hero`, which is gone from the manifest, made and was paid for: "
        "2 jobs, $0.40\n"
        "help: if it was renamed, say `was: hero` in `lead`; "
        "to pay for it again as a new node, say `was: []` in `lead`\n"
        "error: node `master` asks for what `final`, which is gone from the manifest, made and was paid for: "
        "2 jobs, $0.60\n"
        "help: if it was renamed, say `was: final` in `master`; "
        "to pay for it again as a new node, say `was: []` in `master`\n"
    )


def test_swapped_names_are_refused(birds: Birds) -> None:
    refused = birds.refused(hero=asking("b"), cover=asking("a"))
    assert refused == "".join(
        f"error: node `{node}` asks for what `{other}`, which asks for something else now, made and was paid for: "
        "2 jobs, $0.40\n"
        "help: give the nodes their former names back (names are swapped through a third one, with `was` and a run "
        f"after each step); to pay for it again as a new node, say `was: []` in `{node}`\n"
        for node, other in (("hero", "cover"), ("cover", "hero"))
    )
    birds.run(third=asking("a", was="hero"), cover=asking("b"))
    birds.run(third=asking("a"), hero=asking("b", was="cover"))
    birds.run(cover=asking("a", was="third"), hero=asking("b"))
    birds.run(cover=asking("a"), hero=asking("b"))
    assert birds.bill == 6


def test_a_name_that_a_renamed_node_has_taken_is_compared_too(birds: Birds) -> None:
    """Even when the adoption of the plan has given that name to what was made under another one."""
    taken = {"final": asking("a", was="hero"), "cover": asking("b"), "lead": enlarged("final")}
    assert "node `lead` asks for what `final`, which asks for something else now" in birds.refused(**taken)


def test_a_new_node_that_asks_for_the_same_is_made_when_it_says_that_it_is_new(birds: Birds) -> None:
    """The state remembers that, even from a run of other nodes."""
    birds.run("--select", "cover", lead=asking("a", was=[]), cover=asking("b"))
    assert birds.bill == 6
    birds.run(lead=asking("a"), cover=asking("b"))
    assert birds.bill == 8


def test_the_receipts_have_what_was_says(birds: Birds) -> None:
    birds.run(lead=asking("a", was="hero"), new=asking("b", was=[]))
    (receipts,) = (birds.manifest.parent / "campaign.receipts").glob("*.jsonl")
    lines = [json.loads(line) for line in receipts.read_text().splitlines()]
    renamed = [(line["node"], line["first"]) for line in lines if line["event"] == "renamed"]
    assert renamed == [("lead", "hero"), ("new", "new")]


def test_of_several_former_names_the_one_counts_that_the_state_knows(birds: Birds) -> None:
    birds.run(opening=asking("a", was=["lead", "hero"]), cover=asking("b"), master=enlarged("opening", was=["final"]))
    birds.run(lead=asking("a", was=["opening", "hero"]), cover=asking("b"), master=enlarged("lead", was=["final"]))
    assert birds.bill == 6


def test_former_names_of_different_nodes_are_refused(birds: Birds) -> None:
    assert birds.refused(lead=asking("new", was=["hero", "cover"])) == (
        "error: node `lead` says that it was `hero`, `cover`, and these were different nodes\n"
        "help: keep the one in `was` whose results the node is to have; those of the others become orphans\n"
    )


def test_a_former_name_that_the_state_does_not_know_is_a_warning(birds: Birds) -> None:
    nodes = {"hero": asking("a"), "cover": asking("b"), "master": enlarged("cover", was="finall")}
    birds.write(nodes)
    warned = birds.mjpipe("plan", birds.manifest).err
    assert warned == (
        "warning: node `master` says that it was `finall`, and the state has no such node\n"
        "help: did you mean `final`?\n"
    )
    assert birds.mjpipe("validate", birds.manifest).err.startswith(warned)
    birds.mjpipe("run", birds.manifest, "--yes")
    birds.run(**nodes)
    assert birds.bill == 8


def test_a_former_name_does_not_take_from_a_node_what_it_made_itself(birds: Birds) -> None:
    kept = {"cover": asking("b"), "final": enlarged("cover", was=[])}
    assert birds.refused(**{**kept, "cover": asking("b", was="hero")}) == (
        "error: `was` of node `cover` takes from it what it made and was paid for: 2 jobs, $0.40\n"
        "help: remove `was` from `cover`\n"
    )
    birds.write({"hero": asking("a", was="nobody"), "cover": asking("b"), "final": enlarged("hero")})
    plan = birds.mjpipe.plan(birds.manifest)
    assert (plan["jobs"]["done"], plan["jobs"]["total"]) == (6, 6)


def test_other_changes_pass_without_a_word(birds: Birds) -> None:
    """A node that asks for something new; a node that is gone; changed prompts; the same asked by a second node, of
    what another one still has.
    """
    birds.run(hero=asking("a"), cover=asking("c"), extra=asking("d"), final=enlarged("cover"))
    birds.run(hero=asking("a"), cover=asking("c"), extra=asking("a"))
    birds.run(lead=asking("a", was="hero"), cover=asking("c"), another=asking("a"))
    birds.run(lead=asking("a"), hero=asking("new"))


def test_in_the_sandbox_a_renamed_node_is_a_warning(birds: Birds) -> None:
    birds.run("--sandbox", hero=asking("a"))
    birds.write({"lead": asking("a")})
    done = birds.mjpipe("run", birds.manifest, "--sandbox")
    assert done.err.startswith(
        "warning: node `lead` asks for what `hero`, which is gone from the manifest, made and was paid for: "
        "2 jobs, $0.40\n"
        "help: if it was renamed, say `was: hero` in `lead`; "
        "to pay for it again as a new node, say `was: []` in `lead`\n"
    )
