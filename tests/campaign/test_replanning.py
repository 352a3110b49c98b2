"""When a run takes over new picks: whenever the file says other things than its plan was made from."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from mjpipe.campaign import Campaign, open_campaign
from mjpipe.campaign.replanning import Replanning
from mjpipe.domain import InvalidManifest, JobState, UsageFault
from mjpipe.ledger import Ledger, Records, copy_database
from mjpipe.run.releasing import release_waiting
from tests.campaign.at_once import AtOnce
from tests.ledger.jobs import intend, make

CUPS = "mjpipe: 1\ncampaign: cups\nnodes:\n  hero: {kind: generate, params: {prompt: a cup}}\n"
PICKS = "key,decision\nhero,reject\n"


def test_a_pick_made_while_a_person_thinks_the_plan_over_is_seen_by_the_run(tmp_path: Path) -> None:
    (tmp_path / "cups.yaml").write_text(CUPS)
    campaign = open_campaign(tmp_path / "cups.yaml")
    (tmp_path / "picks.csv").write_text(PICKS)
    with closing(Ledger.open(campaign.folder.ledger)) as ledger:
        write = AtOnce(ledger)
        replanning = Replanning(campaign, campaign.folder.copies(campaign.manifest.source))
        assert [replanning(write) for _ in range(2)] == [True, False]
        (tmp_path / "picks.csv").unlink()
        assert [replanning(write) for _ in range(2)] == [True, False]


def test_a_picks_file_that_says_the_same_is_no_new_plan(tmp_path: Path) -> None:
    (tmp_path / "cups.yaml").write_text(CUPS)
    (tmp_path / "picks.csv").write_text(PICKS)
    campaign = open_campaign(tmp_path / "cups.yaml")
    with closing(Ledger.open(campaign.folder.ledger)) as ledger:
        write = AtOnce(ledger)
        replanning = Replanning(campaign, campaign.folder.copies(campaign.manifest.source))
        assert not replanning(write)
        os.utime(tmp_path / "picks.csv", (1, 1))
        assert not replanning(write)
        (tmp_path / "picks.csv").write_text(PICKS.replace("reject", "reroll"))
        assert replanning(write)


def test_two_changes_within_one_tick_of_the_file_system_are_both_seen(tmp_path: Path) -> None:
    (tmp_path / "cups.yaml").write_text(CUPS)
    campaign = open_campaign(tmp_path / "cups.yaml")
    with closing(Ledger.open(campaign.folder.ledger)) as ledger:
        replanning = Replanning(campaign, campaign.folder.copies(campaign.manifest.source), clock=lambda: 1001.0)
        for images in "01":
            (tmp_path / "picks.csv").write_text(f"key,decision,images\nhero,pick,{images}\n")
            os.utime(tmp_path / "picks.csv", (1000, 1000))
            assert replanning(AtOnce(ledger))


def test_a_picks_file_that_can_no_longer_be_read_is_no_fault_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "cups.yaml").write_text(CUPS.replace("nodes:", "picks: shared/picks.csv\nnodes:"))
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "picks.csv").write_text(PICKS)
    campaign = open_campaign(tmp_path / "cups.yaml")
    shutil.rmtree(tmp_path / "shared")
    (tmp_path / "shared").symlink_to("shared")
    with closing(Ledger.open(campaign.folder.ledger)) as ledger:
        replanning = Replanning(campaign, campaign.folder.copies(campaign.manifest.source))
        assert not replanning(AtOnce(ledger))


def test_a_picks_file_with_a_mistake_is_reported_once_and_read_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "cups.yaml").write_text(CUPS)
    campaign = open_campaign(tmp_path / "cups.yaml")
    with closing(Ledger.open(campaign.folder.ledger)) as ledger:
        write = AtOnce(ledger)
        replanning = Replanning(campaign, campaign.folder.copies(campaign.manifest.source))
        (tmp_path / "picks.csv").write_text("decisions\n")
        with pytest.raises(InvalidManifest):
            replanning(write)
        assert not replanning(write)
        (tmp_path / "picks.csv").write_text(PICKS)
        assert replanning(write)


BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: wren}, {name: owl}], key: name}}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""


@pytest.fixture
def made(tmp_path: Path) -> Campaign:
    """A campaign whose heroes are made, and nothing is picked."""
    (tmp_path / "birds.yaml").write_text(BIRDS)
    campaign = open_campaign(tmp_path / "birds.yaml")
    with closing(Ledger.open(campaign.folder.ledger)) as ledger:
        adopt_plan(campaign, ledger)
        make(ledger)
    return campaign


def adopt_plan(campaign: Campaign, ledger: Ledger) -> None:
    """As a run does when it begins."""
    with ledger.adopting() as adoption:
        expanded = campaign.expand(ledger, adoption.take)
        adoption.finish()
        ledger.bind.all(expanded.bindings)
    release_waiting(ledger)


def replan_of(campaign: Campaign) -> Replanning:
    return Replanning(campaign, campaign.folder.copies(campaign.manifest.source), piece=1)


def pick(campaign: Campaign, *lines: str) -> None:
    campaign.manifest.picks.write_text("\n".join(["key,decision,images,task", *lines, ""]))


def states(ledger: Ledger) -> dict[str, JobState]:
    return {record.key: record.state for record in Records(ledger.connection).jobs() if record.wanted}


CHOICES = ["hero/heron,pick,2,task_1", "hero/wren,reroll,,task_2", "hero/owl,pick,0 3,"]
PICKED = {
    "hero/heron": JobState.DONE,
    "final/heron/2": JobState.READY,
    "hero/wren": JobState.READY,
    "final/wren/?": JobState.UNPICKED,
    "hero/owl": JobState.DONE,
    "final/owl/0": JobState.READY,
    "final/owl/3": JobState.READY,
}


def test_picks_are_taken_over_with_what_they_are_bound_to(made: Campaign) -> None:
    pick(made, *CHOICES)
    with closing(Ledger.open(made.folder.ledger)) as ledger:
        assert replan_of(made)(AtOnce(ledger))
        release_waiting(ledger)
        assert states(ledger) == PICKED
        # The line that named no task is bound as it was, and as it is once its task is written into it.
        assert sorted(ledger.tasks.of_picks().values()) == ["task_1", "task_2", "task_3", "task_3"]


def test_picks_do_not_buy_again_what_a_renamed_node_has_made(made: Campaign) -> None:
    pick(made, "hero/heron,pick,2,task_1")
    with closing(Ledger.open(made.folder.ledger)) as ledger:
        adopt_plan(open_campaign(made.manifest.path), ledger)
        make(ledger)
        pick(made)
        made.manifest.path.write_text(BIRDS.replace("final:", "master:"))
        renamed = open_campaign(made.manifest.path)
        adopt_plan(renamed, ledger)
        replanning = replan_of(renamed)
        pick(made, "hero/heron,pick,2,task_1")
        with pytest.raises(UsageFault, match="node `master` asks for what `final`, which is gone from the manifest"):
            replanning(AtOnce(ledger))
        assert not replanning(AtOnce(ledger))
        made.manifest.path.write_text(BIRDS.replace("final: {", "master: {was: final, "))
        adopt_plan(open_campaign(made.manifest.path), ledger)
        assert states(ledger)["master/heron/2"] is JobState.DONE


def test_a_replan_that_was_cut_short_anywhere_is_completed_by_the_next_run(
    made: Campaign,
) -> None:
    class Killed(Exception):
        """The program ends."""

    pick(made, *CHOICES)
    copy_database(made.folder.ledger, before := made.folder.path / "before.sqlite")
    written = 0
    while True:
        shutil.copy(before, made.folder.ledger)
        with closing(Ledger.open(made.folder.ledger)) as ledger:
            left = iter(range(written))

            def kill(left: Iterator[int] = left) -> None:
                if next(left, None) is None:
                    raise Killed

            with suppress(Killed):
                replan_of(made)(AtOnce(ledger, kill))
                break
        with closing(Ledger.open(made.folder.ledger)) as ledger:
            adopt_plan(open_campaign(made.manifest.path), ledger)
            assert states(ledger) == PICKED
        written += 1
    assert written > len(CHOICES)


def test_a_result_that_comes_while_the_plan_is_made_has_it_made_again(made: Campaign) -> None:
    """The picks were of the images before; what was picked of those is not made of the new ones."""
    pick(made, "hero/heron,reroll,,task_1")
    with closing(Ledger.open(made.folder.ledger)) as ledger:
        replan = replan_of(made)
        assert replan(AtOnce(ledger))
        pick(made, "hero/heron,pick,2,task_1")
        begun = False

        def submit_once() -> None:
            nonlocal begun
            if not begun:
                begun = True
                assert len(intend(ledger).intents) == 1

        assert replan(AtOnce(ledger, submit_once))
        release_waiting(ledger)
        assert states(ledger)["hero/heron"] is JobState.SUBMITTING
        assert "final/heron/2" not in states(ledger)


def test_a_change_that_the_state_never_takes_is_tried_twice_and_left_to_the_next_run(made: Campaign) -> None:
    """As when another row has its name, which no run has brought about."""
    pick(made, "hero/heron,pick,2,task_1")
    with closing(Ledger.open(made.folder.ledger)) as ledger:
        ledger.connection.execute(
            "CREATE TEMP TRIGGER refuses BEFORE INSERT ON main.jobs WHEN NEW.key = 'final/heron/2'"
            " BEGIN SELECT raise(ABORT, 'UNIQUE constraint failed'); END"
        )
        replan = replan_of(made)
        with pytest.raises(UsageFault, match="the state does not take 1 change that they bring"):
            replan(AtOnce(ledger))
        assert not replan(AtOnce(ledger))
        ledger.connection.execute("DROP TRIGGER refuses")
        adopt_plan(open_campaign(made.manifest.path), ledger)
        assert states(ledger)["final/heron/2"] is JobState.READY
