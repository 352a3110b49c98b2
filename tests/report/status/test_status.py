import json
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from jsonschema import Draft202012Validator

from mjpipe.domain import ZERO, JobState, bundled_folder, usd
from mjpipe.ledger import Ledger, Records
from mjpipe.report import Status, status_document, status_text
from tests.report.campaign import Campaign, job, teapots

SCHEMA = json.loads((bundled_folder("schemas") / "status.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

NOTHING_PAID = {"attempts": 0, "usd": "0.00", "unpriced": 0}
NO_JOBS: dict[str, int] = {"total": 0, **dict.fromkeys(JobState, 0)}


def status_of(records: Records, *, budget: str | None = None, nodes: tuple[str, ...] = ()) -> Status:
    return Status(
        campaign="spring-teapots",
        sandbox=False,
        counts=records.ledger.job_counts.by_state(),
        balance=records.ledger.balance(),
        budget=None if budget is None else usd(budget),
        nodes=nodes,
    )


def test_every_state_is_counted_zeros_included(campaign: Campaign) -> None:
    teapots(campaign)
    document = json.loads(json.dumps(status_document(status_of(campaign.records, budget="2", nodes=("hero", "empty")))))
    assert document == {
        "schema_version": 1,
        "campaign": "spring-teapots",
        "sandbox": False,
        "jobs": {
            **NO_JOBS,
            "total": 9,
            "done": 3,
            "failed": 1,
            "in_doubt": 1,
            "submitted": 1,
            "waiting": 2,
            "unpicked": 1,
        },
        "nodes": {
            "hero": {"jobs": {**NO_JOBS, "total": 6, "done": 3, "failed": 1, "in_doubt": 1, "submitted": 1}},
            "empty": {"jobs": NO_JOBS},
            "extra": {"jobs": {**NO_JOBS, "total": 1, "waiting": 1}},
            "final": {"jobs": {**NO_JOBS, "total": 2, "waiting": 1, "unpicked": 1}},
        },
        "money": {
            "currency": "USD",
            "spent": "0.80",
            "reserved": "0.20",
            "at_risk": "0.40",
            "unpriced": 0,
            "budget": "2.00",
            "left": "0.60",
            "adopted": NOTHING_PAID,
            "set_aside": NOTHING_PAID,
        },
        "at_risk": [],
        "not_fetched": {"tasks": 0, "expiring": 0, "oldest_hours": None},
        "stale_picks": [],
        "closed_until": None,
        "run": None,
        "failures": [],
        "next": {"what": "settle 1 job in doubt", "command": "mjpipe resolve M"},
    }
    VALIDATOR.validate(document)


def test_the_schema_takes_no_other_field(campaign: Campaign) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(json.dumps(status_document(status_of(campaign.records, nodes=("hero",)))))
    VALIDATOR.validate(document)
    for place in (
        document,
        document["jobs"],
        document["nodes"]["hero"],
        document["nodes"]["hero"]["jobs"],
        document["money"],
    ):
        place["strange"] = 1
        assert not VALIDATOR.is_valid(document)
        del place["strange"]


def test_the_status_as_a_person_reads_it(campaign: Campaign) -> None:
    teapots(campaign)
    assert status_text(status_of(campaign.records, budget="2", nodes=("hero", "final")), 80) == dedent("""\
        spring-teapots
                 done
          hero    3/6  1 submitted, 1 failed, 1 in doubt
          final   0/2  1 waiting, 1 waiting for picks
          extra   0/1  1 waiting
          all     3/9  2 waiting, 1 waiting for picks, 1 submitted, 1 failed, 1 in doubt

          spent     $0.80
          reserved  $0.20  for tasks in progress
          at risk   $0.40  possibly billed (failed or lost answers)
          budget    $2.00  $0.60 left

        next: settle 1 job in doubt
        mjpipe resolve M
        """)


def test_unpriced_tasks_are_reported_and_a_lowered_budget_is_overdrawn(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"), job("soft/b", price=None))
    for intent in campaign.intend().values():
        campaign.finish(intent)
    status = status_of(campaign.records, budget="0.10")
    assert status_text(status, 80) == dedent("""\
        spring-teapots
                done
          hero   1/1
          soft   1/1
          all    2/2

          spent      $0.20
          reserved   $0.00
          at risk    $0.00
          unpriced  1 task  in addition, at an undocumented price
          budget     $0.10  exceeded by $0.10

        all done
        """)
    VALIDATOR.validate(status_document(status))


def test_the_status_can_be_read_while_a_run_writes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger.open(path)
    campaign = Campaign(ledger)
    campaign.plan(job("hero/a"), job("hero/b"))
    task = campaign.accept(campaign.intend(limit=1)["hero/a"])
    records = Records.open(path)
    ledger.connection.execute("BEGIN IMMEDIATE")
    campaign.succeed(task)
    before = status_of(records)
    ledger.connection.execute("COMMIT")
    after = status_of(records)
    records.close()
    ledger.close()
    assert (before.jobs[JobState.SUBMITTED], before.balance.spent) == (1, ZERO)
    assert (after.jobs[JobState.SUCCEEDED], after.balance.spent) == (1, usd("0.20"))


def test_images_that_wait_for_long_are_warned_of(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"), job("hero/b"), job("hero/c"))
    first, second, third = campaign.intend().values()
    task = campaign.accept(first)
    campaign.succeed(task)
    campaign.fetch(task, images=2, reason="`hero/x-2.png` is somebody else's")
    campaign.accept(second)
    campaign.finish(third)
    since = campaign.records.ledger.images.waiting_since()
    assert since == sorted(since)
    ages = (90_000.0, 60_000.0)
    assert len(since) == len(ages)
    status = replace(status_of(campaign.records), not_fetched=ages)
    document = status_document(status)
    assert document["not_fetched"] == {"tasks": 2, "expiring": 1, "oldest_hours": 25.0}
    VALIDATOR.validate(document)
    assert status_text(status, 200).splitlines()[-4] == (
        "warning: the images of 1 task are not all on disk, the oldest for 25 hours; the service documents their URLs"
        " for 24 hours: `mjpipe run M` fetches what is still there"
    )
    assert "warning" not in status_text(replace(status, not_fetched=ages[1:]), 200)
