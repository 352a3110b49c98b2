"""A run of the application: with nobody to ask it ends at once, and looks at all that may have changed before."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from mjpipe.campaign import Narrowing, Planned, open_campaign
from mjpipe.campaign.running import run
from mjpipe.domain import JobState
from mjpipe.ledger import Cap
from mjpipe.run import Ending, Progress
from mjpipe.run.engine import Engine
from tests.run.campaign import Notes, ends

MANIFEST = """
mjpipe: 1
campaign: birds
nodes:
  hero: {kind: generate, params: {prompt: a heron}}
  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""
DONE, UNPICKED = JobState.DONE, JobState.UNPICKED


class Counting:
    """Nobody asks for anything; counts the engines."""

    engines = 0
    has_come = False

    def kept(self) -> AbstractContextManager[None]:
        return nullcontext()

    @contextmanager
    def passed_to(self, engine: Engine, progress: Progress) -> Iterator[None]:  # noqa: ARG002 - it is only counted
        self.engines += 1
        yield


def run_birds(manifest: Path, meanwhile: Callable[[], object] = lambda: None) -> tuple[Ending, int]:
    """How a run in the sandbox ended, and how many engines it had; `meanwhile` happens before a person agrees."""
    campaign = open_campaign(manifest, sandbox=True)
    interrupts = Counting()

    def agree(_planned: Planned) -> Cap | None:
        meanwhile()
        return None

    ran = run(
        campaign,
        narrowing=Narrowing(campaign.manifest),
        agree=agree,
        interrupts=interrupts,
        progress=lambda: nullcontext(Notes()),
    )
    return ran.ending, interrupts.engines


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    """A campaign that has run as far as it can without picks."""
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(MANIFEST)
    ending, engines = run_birds(manifest)
    assert (ends(ending), engines) == ({DONE: 1, UNPICKED: 1}, 1)
    return manifest


def test_a_run_with_nobody_to_ask_ends_as_the_one_before_without_an_engine(birds: Path) -> None:
    ending, engines = run_birds(birds)
    assert (ends(ending), ending.to_pick, engines) == ({DONE: 1, UNPICKED: 1}, "hero", 0)


def test_a_pick_that_is_made_before_a_person_agrees_is_carried_out_though_all_else_is_done(birds: Path) -> None:
    picks = birds.with_name("picks.sandbox.csv")
    ending, engines = run_birds(birds, lambda: picks.write_text("key,decision,images\nhero,pick,2\n"))
    assert (ends(ending), engines) == ({DONE: 2}, 1)


def test_an_image_that_was_deleted_is_fetched_again_by_a_run_that_has_nothing_to_submit(birds: Path) -> None:
    first, *others = sorted(open_campaign(birds, sandbox=True).manifest.outputs.dir.glob("hero-*"))
    first.unlink()
    ending, engines = run_birds(birds)
    assert (ends(ending), engines, first.exists(), len(others)) == ({DONE: 1, UNPICKED: 1}, 1, True, 3)
