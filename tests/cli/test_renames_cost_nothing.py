"""Whatever is renamed, and whatever is said of it: nothing that was paid for is paid for again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer
from tests.cli.studio import whole_runs

ASKS = ("a", "b", "large")
"""What the nodes ask for: two prompts, and an enlargement of what the first one makes."""

NAMES = ("hero", "lead", "cover", "final")
CAMPAIGNS = ("spring", "summer", "autumn")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("service")) as running:
        yield running


@dataclass(frozen=True, kw_only=True)
class Birds:
    """`names` are those of the nodes, in the order of `ASKS`; `was` what is said of them, by present name, and
    `campaign_was` what is said of the campaign.
    """

    names: tuple[str, ...] = ("hero", "cover", "final")
    was: Mapping[str, tuple[str, ...]]
    campaign: str = "spring"
    campaign_was: tuple[str, ...] = ()

    def write(self, folder: Path) -> Path:
        one, other, large = self.names
        nodes: dict[str, dict[str, object]] = {
            one: {"kind": "generate", "for_each": ["birds"], "params": {"prompt": "a {{ name }}"}},
            other: {"kind": "generate", "for_each": ["birds"], "params": {"prompt": "b {{ name }}"}},
            large: {"kind": "upscale", "from": one, "images": [0], "params": {"type": 0}},
        }
        for name, former in self.was.items():
            nodes[name]["was"] = former[0] if len(former) == 1 else [*former]
        document = {
            "mjpipe": 1,
            "campaign": self.campaign,
            **({"was": [*self.campaign_was]} if self.campaign_was else {}),
            "inputs": {"birds": {"rows": [{"name": "heron"}, {"name": "duck"}], "key": "name"}},
            "limits": {"requests_per_second": 1000},
            "nodes": nodes,
        }
        (folder / "campaign.yaml").write_text(json.dumps(document))
        return folder / "campaign.yaml"


@st.composite
def renamed(draw: st.DrawFn, before: Birds, had: Mapping[str, tuple[str, ...]]) -> Birds:
    """Some nodes under other names, swapped ones too, and some of their former names said. `had` are all former names
    of each ask, the latest first.
    """
    free = [name for name in NAMES if name not in before.names]
    place = draw(st.integers(0, len(ASKS) - 1))
    as_before = [*before.names]
    one_renamed = [*before.names[:place], draw(st.sampled_from(free)), *before.names[place + 1 :]]
    names = draw(st.one_of(st.just(as_before), st.just(one_renamed), st.permutations(NAMES)))[: len(ASKS)]
    was = {}
    for ask, name in zip(ASKS, names, strict=True):
        former = tuple(other for other in had[ask] if other not in names)
        if draw(st.booleans()) and former:
            was[name] = former[: draw(st.integers(1, len(former)))]
    campaign = draw(st.sampled_from(CAMPAIGNS))
    unsaid = draw(st.booleans())
    campaign_was = (before.campaign,) if campaign != before.campaign and not unsaid else ()
    return Birds(names=tuple(names), was=was, campaign=campaign, campaign_was=campaign_was)


@given(data=st.data())
@whole_runs(8)
def test_no_name_makes_a_run_pay_again(
    tmp_path_factory: pytest.TempPathFactory, server: SandboxServer, data: st.DataObject
) -> None:
    """A run is refused, or has nothing to pay for. What it was refused for, `was` answers, or the former names do."""
    folder = tmp_path_factory.mktemp("campaign")
    mjpipe: InProcess = at(server)
    birds = Birds(was={})
    mjpipe("run", birds.write(folder), "--yes")
    bill = len(server.tasks())
    had: dict[str, tuple[str, ...]] = {ask: (name,) for ask, name in zip(ASKS, birds.names, strict=True)}
    for _ in range(data.draw(st.integers(1, 4), label="edits")):
        edited = data.draw(renamed(birds, had))
        done = mjpipe("run", edited.write(folder), "--yes", code=None)
        assert len(server.tasks()) == bill, done
        if done.code != 0:
            assert done.code == 2
            said = {name: (before,) for name, before in zip(edited.names, birds.names, strict=True) if name != before}
            was = (birds.campaign,) if edited.campaign != birds.campaign else ()
            edited = replace(edited, campaign_was=was)
            if any(before in edited.names for (before,) in said.values()):
                edited = replace(birds, campaign=edited.campaign, campaign_was=edited.campaign_was)
            else:
                edited = replace(edited, was=said)
            mjpipe("run", edited.write(folder), "--yes")
            assert len(server.tasks()) == bill
        birds = edited
        had = {ask: tuple(dict.fromkeys([name, *had[ask]])) for ask, name in zip(ASKS, birds.names, strict=True)}
        if data.draw(st.booleans(), label="was goes"):
            birds = replace(birds, was={}, campaign_was=())
            mjpipe("run", birds.write(folder), "--yes")
            assert len(server.tasks()) == bill
