"""What is gathered beside a ledger, and what is not even read."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mjpipe.campaign import Campaign, open_campaign
from mjpipe.campaign.evidence import Evidence, gather
from mjpipe.domain import StateFault
from mjpipe.ledger import Ledger
from tests.ledger.receipts.lines import image, line

HOST = "api.apixo.ai"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger.in_memory()) as ledger:
        yield ledger


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    path = tmp_path / "campaign.yaml"
    path.write_text("{mjpipe: 1, campaign: spring, nodes: {hero: {kind: generate, params: {prompt: a heron}}}}")
    path.with_name("campaign.receipts").mkdir()
    return open_campaign(path)


def write(campaign: Campaign, *lines: str) -> Path:
    assert campaign.receipts is not None
    path = campaign.receipts / "aaaaaaaaaaaa-1.jsonl"
    path.write_text("".join(lines))
    return path


def uids(evidence: Evidence) -> tuple[list[str | None], ...]:
    parts = (evidence.attempts, evidence.of_others, evidence.set_aside)
    return tuple([attempt.uid for attempt in part] for part in parts)


def test_attempts_are_told_apart_by_host_campaign_and_what_they_cost(campaign: Campaign, ledger: Ledger) -> None:
    names = [f"{number:016x}" for number in range(7)]
    own, other, elsewhere, free, aside, in_doubt, open_ = names
    write(
        campaign,
        line("answered", 1, attempt=own, outcome="accepted", money="reserved", task="t1"),
        line("answered", 2, attempt=other, outcome="accepted", money="reserved", task="t2", campaign="autumn"),
        line("answered", 3, attempt=elsewhere, outcome="accepted", money="reserved", task="t3", host="else.where"),
        line("answered", 4, attempt=free, outcome="refused", money="free"),
        line("answered", 5, attempt=aside, outcome="accepted", money="reserved", task="t5"),
        line("set_aside", 6, attempt=aside, task="t5"),
        line("answered", 7, attempt=in_doubt, outcome="unknown", money="at_risk"),
        line("intent", 8, attempt=open_),
    )
    found = gather(campaign, ledger, HOST)
    assert uids(found) == ([own, in_doubt, open_], [other], [aside])
    assert found.seen_by(ledger) is None


def test_a_former_name_of_the_campaign_is_its_own(campaign: Campaign, ledger: Ledger) -> None:
    write(campaign, line("answered", outcome="accepted", money="reserved", task="t1", campaign="autumn"))
    renamed = replace(campaign, manifest=replace(campaign.manifest, was=("autumn",)))
    assert uids(gather(renamed, ledger, HOST)) == (["00000000000000aa"], [], [])


def test_receipts_that_say_nothing_unknown_are_not_read_again(campaign: Campaign, ledger: Ledger) -> None:
    path = write(campaign, line("answered", outcome="accepted", money="reserved", task="t1", host="else.where"))
    seen = gather(campaign, ledger, HOST).seen_by(ledger)
    assert seen is not None
    ledger.receipt_files.remember_all(seen)
    written = path.stat()
    path.write_text("x" * (written.st_size - 1) + "\n")
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    assert gather(campaign, ledger, HOST) == Evidence()
    path.touch()
    with pytest.raises(StateFault, match="cannot be read"):
        gather(campaign, ledger, HOST)


def test_receipts_with_something_unknown_are_read_again(campaign: Campaign, ledger: Ledger) -> None:
    """A later plan may ask for it."""
    write(campaign, line("answered", outcome="accepted", money="reserved", task="t1", node="gone", campaign="autumn"))
    assert gather(campaign, ledger, HOST).seen_by(ledger) is None


def test_a_task_counts_once_and_receipts_before_the_output_folder(campaign: Campaign, ledger: Ledger) -> None:
    write(
        campaign, line("answered", outcome="accepted", money="reserved", task="t1"), line("placed", 1, images=[image()])
    )
    outputs = campaign.manifest.outputs.dir
    outputs.mkdir(parents=True)
    asset = (
        '{"path": "hero/1.png", "sha256": "%s", "size": 1, "number": 1, "node": "hero", "key": "hero/T-1", "taskId":'
        ' "t1", "source": null, "sandbox": false, "request": {"mode": "text-to-image"}, "price": null,'
        ' "times": {"intended": "2026-11-27T20:00:00.000Z", "answered": null, "finished": null}}\n'
    ) % ("b" * 64)
    (outputs / "assets.jsonl").write_text(asset)
    (attempt,) = gather(campaign, ledger, HOST, with_requests=True).attempts
    assert (attempt.uid, attempt.request) == ("00000000000000aa", {"mode": "text-to-image"})
    assert [placed.path for placed in attempt.images] == ["hero/0.png"]
