"""Under which name the jobs of a renamed node were first made."""

from collections.abc import Mapping

import pytest

from mjpipe.campaign.opened import FirstNames
from mjpipe.domain import Kind
from mjpipe.ledger import Ledger
from tests.ledger.jobs import adopt, generation, intend


@pytest.fixture
def ledger() -> Ledger:
    """`hero` and `cover` were paid for; `unsent` was only planned. `lead` and `opening` were renamed."""
    ledger = Ledger.in_memory()
    adopt(ledger, generation("a"), generation("b", node="cover"))
    intend(ledger)
    adopt(ledger, generation("a"), generation("b", node="cover"), generation("c", node="unsent"))
    ledger.bind.node("lead", "main")
    ledger.bind.node("opening", "main")
    ledger.bind.node("fresh", "fresh")
    return ledger


@pytest.mark.parametrize(
    ("node", "was", "first"),
    [
        ("hero", None, "hero"),
        ("hero", (), "hero"),
        ("lead", None, "main"),
        ("lead", (), "main"),
        ("lead", ("main",), "main"),
        ("lead", ("opening", "hero"), "main"),
        ("first", ("hero",), "hero"),
        ("first", ("opening",), "main"),
        ("first", ("main",), "main"),
        ("first", ("nobody", "hero"), "hero"),
        ("first", ("opening", "nobody", "main"), "main"),
        ("first", ("unsent", "hero"), "hero"),
        ("first", ("hero", "cover"), "hero"),
        ("first", ("nobody", "somebody"), "nobody"),
        ("hero", ("nobody",), "hero"),
        ("lead", ("nobody",), "main"),
        ("fresh", None, "fresh"),
        ("fresh", ("hero",), "hero"),
    ],
)
def test_a_node_has_the_first_name_of_what_it_was(
    ledger: Ledger, node: str, was: tuple[str, ...] | None, first: str
) -> None:
    assert FirstNames(ledger).of(node, was) == first


def test_without_a_state_a_node_has_the_latest_of_its_former_names() -> None:
    names = FirstNames(Ledger.in_memory())
    asked: Mapping[str, tuple[str, ...] | None] = {"a": None, "b": (), "c": ("d",), "e": ("f", "g")}
    assert {node: names.of(node, was) for node, was in asked.items()} == {"a": "a", "b": "b", "c": "d", "e": "f"}


def test_names_that_were_paid_for_or_renamed_are_known(ledger: Ledger) -> None:
    names = FirstNames(ledger)
    asked = ("hero", "cover", "unsent", "lead", "main", "fresh", "nobody")
    assert [name for name in asked if names.knows(name)] == ["hero", "cover", "lead", "main", "fresh"]
    assert [name for name in asked if names.said_to_be_new(name)] == ["fresh"]
    assert names.paid == {"hero": {Kind.GENERATE}, "cover": {Kind.GENERATE}}
