"""When a run takes over new picks: whenever the file says other things than its plan was made from."""

import os
from contextlib import closing
from pathlib import Path

from mjpipe.campaign import open_campaign
from mjpipe.campaign.replanning import Replanning
from mjpipe.ledger import Ledger

CUPS = "mjpipe: 1\ncampaign: cups\nnodes:\n  hero: {kind: generate, params: {prompt: a cup}}\n"
PICKS = "key,decision\nhero,reject\n"


def test_a_pick_made_while_a_person_thinks_the_plan_over_is_seen_by_the_run(tmp_path: Path) -> None:
    (tmp_path / "cups.yaml").write_text(CUPS)
    campaign = open_campaign(tmp_path / "cups.yaml")
    (tmp_path / "picks.csv").write_text(PICKS)
    with closing(Ledger.in_memory()) as ledger:
        replanning = Replanning(campaign, campaign.folder.copies(campaign.manifest.source))
        assert [replanning(ledger) for _ in range(2)] == [True, False]
        (tmp_path / "picks.csv").unlink()
        assert [replanning(ledger) for _ in range(2)] == [True, False]


def test_a_picks_file_that_says_the_same_is_no_new_plan(tmp_path: Path) -> None:
    (tmp_path / "cups.yaml").write_text(CUPS)
    (tmp_path / "picks.csv").write_text(PICKS)
    campaign = open_campaign(tmp_path / "cups.yaml")
    with closing(Ledger.in_memory()) as ledger:
        replanning = Replanning(campaign, campaign.folder.copies(campaign.manifest.source))
        assert not replanning(ledger)
        os.utime(tmp_path / "picks.csv", (1, 1))
        assert not replanning(ledger)
        (tmp_path / "picks.csv").write_text("decisions\n")
        assert not replanning(ledger)
        (tmp_path / "picks.csv").write_text(PICKS.replace("reject", "reroll"))
        assert replanning(ledger)
