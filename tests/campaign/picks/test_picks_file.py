"""The task of a line is written into the picks file, whoever else changes that at the same time."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from mjpipe.campaign import Campaign, open_campaign
from mjpipe.campaign.picks.picks_file import Claim, Words, change_picks, claim_lines
from mjpipe.domain import JobKey, TaskId, UsageFault
from mjpipe.plan import Picks

CUPS = "mjpipe: 1\ncampaign: {}\nnodes:\n  hero: {{kind: generate, params: {{prompt: a cup}}}}\n"
BEFORE = b"key,decision,task\nhero,reroll,\n"
OURS: Mapping[Words, TaskId] = {(JobKey("hero"), "", "reroll "): TaskId("task_1")}


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    (tmp_path / "cups.yaml").write_text(CUPS.format("cups"))
    (tmp_path / "picks.csv").write_bytes(BEFORE)
    campaign = open_campaign(tmp_path / "cups.yaml")
    campaign.folder.path.mkdir(parents=True)
    return campaign


def picks(campaign: Campaign) -> bytes:
    return campaign.manifest.picks.read_bytes()


def test_the_task_is_written_once(campaign: Campaign) -> None:
    after = b"key,decision,task\nhero,reroll,task_1\n"
    assert claim_lines(campaign, BEFORE, OURS, {}) == Claim(content=after)
    assert picks(campaign) == after
    assert claim_lines(campaign, after, OURS, {}) == Claim(content=after)


def test_a_task_on_record_is_written_when_the_file_can_be_written_again(campaign: Campaign) -> None:
    assert (
        claim_lines(campaign, BEFORE, {}, OURS).content == picks(campaign) == b"key,decision,task\nhero,reroll,task_1\n"
    )


def test_what_was_added_meanwhile_stays_and_is_no_part_of_the_plan(campaign: Campaign) -> None:
    campaign.manifest.picks.write_bytes(BEFORE + b"big,reject,\n")
    assert claim_lines(campaign, BEFORE, OURS, {}) == Claim(content=BEFORE)
    assert picks(campaign) == b"key,decision,task\nhero,reroll,task_1\nbig,reject,\n"


def test_a_line_that_another_campaign_has_taken_is_not_taken_from_it(campaign: Campaign) -> None:
    theirs = b"key,decision,task\nhero,reroll,task_2\n"
    campaign.manifest.picks.write_bytes(theirs)
    claim = claim_lines(campaign, BEFORE, OURS, {})
    assert [(line.key, line.task) for line in claim.taken] == [("hero", "task_2")]
    assert picks(campaign) == theirs


@pytest.mark.parametrize("meanwhile", [b"key,decision\nhero,maybe\n", b"<<<<<<< HEAD\n", b""])
def test_a_file_that_cannot_be_read_any_more_stays_as_it_is(campaign: Campaign, meanwhile: bytes) -> None:
    campaign.manifest.picks.write_bytes(meanwhile)
    assert claim_lines(campaign, BEFORE, OURS, {}) == Claim(content=BEFORE)
    assert picks(campaign) == meanwhile


def test_a_change_between_reading_and_writing_is_kept(campaign: Campaign) -> None:
    """A person saves the file while it is being written: both lines are in it in the end."""
    seen: list[bytes | None] = []

    def change(found: Picks) -> bytes:
        seen.append(found.content)
        if len(seen) == 1:
            campaign.manifest.picks.write_bytes(BEFORE + b"big,reject,\n")
        return (found.content or b"") + b"# new\n"

    change_picks(campaign, change)
    assert seen == [BEFORE, BEFORE + b"big,reject,\n"]
    assert picks(campaign) == BEFORE + b"big,reject,\n# new\n"
    assert [path.name for path in campaign.manifest.picks.parent.iterdir() if path.name.endswith(".part")] == []


def test_a_file_that_changes_all_the_time_is_left_alone(campaign: Campaign) -> None:
    def change(found: Picks) -> bytes:
        campaign.manifest.picks.write_bytes((found.content or b"") + b"# theirs\n")
        return b"ours"

    with pytest.raises(UsageFault, match="changes all the time"):
        change_picks(campaign, change)
    assert b"ours" not in picks(campaign)


def test_a_link_to_the_picks_stays_one(campaign: Campaign) -> None:
    shared = campaign.manifest.picks.with_name("shared.csv")
    campaign.manifest.picks.rename(shared)
    campaign.manifest.picks.symlink_to(shared)
    claim_lines(campaign, BEFORE, OURS, {})
    assert campaign.manifest.picks.is_symlink()
    assert shared.read_bytes() == b"key,decision,task\nhero,reroll,task_1\n"
