"""What was adopted after its state was lost, and what a person has said to pay for again: in all that is reported."""

import json
from pathlib import Path
from textwrap import dedent

import jsonschema
import pytest

from mjpipe.domain import bundled_folder, usd
from mjpipe.report import (
    Status,
    collect_costs,
    digest_text,
    show_document,
    show_text,
    status_document,
    status_text,
)
from mjpipe.report.formats.costs_json import costs_document
from tests.report.campaign import TEAPOTS, Campaign, job


@pytest.fixture
def recovered(campaign: Campaign) -> Campaign:
    """Of three results one was bought here, one is from receipts, and one from picks; a fourth was set aside."""
    campaign.plan(job("hero/a"), job("hero/b"), job("hero/c", price=None), job("hero/d"))
    for intent in campaign.intend().values():
        campaign.finish(intent)
    execute = campaign.ledger.connection.execute
    execute("UPDATE attempts SET recovered = 'receipts' WHERE job = 2 OR job = 4")
    execute("UPDATE attempts SET recovered = 'picks' WHERE job = 3")
    execute("UPDATE jobs SET set_aside = 1, wanted = 0 WHERE id = 4")
    return campaign


def validated(name: str, document: object) -> object:
    jsonschema.validate(document, json.loads((bundled_folder("schemas") / f"{name}.schema.json").read_text("utf-8")))
    return document


def test_the_costs_say_what_was_adopted_and_set_aside(recovered: Campaign) -> None:
    document = costs_document(collect_costs(recovered.records, TEAPOTS, since=None))
    validated("costs", json.loads(json.dumps(document)))
    assert document["adopted"] == {
        "attempts": 2,
        "committed": "0.20",
        "unpriced": {"committed": 1},
        "from": {
            "picks": {"attempts": 1, "committed": None, "unpriced": {"committed": 1}},
            "receipts": {"attempts": 1, "committed": "0.20", "unpriced": {"committed": 0}},
        },
    }
    assert document["set_aside"] == {"attempts": 1, "committed": "0.20", "unpriced": {"committed": 0}}


def test_the_digest_says_it(recovered: Campaign) -> None:
    assert digest_text(collect_costs(recovered.records, TEAPOTS, since=None), 80) == dedent("""\
        teapots
                   done               spent
          hero      3/3  $0.40 + 1 unpriced
          orphans     1               $0.20  no longer in the manifest

          planned    $0.40  + 1 unpriced
          spent      $0.60  + 1 unpriced, $0.20 for orphans
          at risk    $0.00
          adopted    $0.20  + 1 unpriced, 1 attempt from picks, 1 from receipts
          set aside  $0.20  1 attempt, by --buy-again
        """)


def status_of(campaign: Campaign) -> Status:
    records = campaign.records
    return Status(
        campaign="teapots",
        sandbox=False,
        counts=records.ledger.job_counts.by_state(),
        balance=records.ledger.balance(),
        budget=usd("1"),
        adopted=records.recovered(),
        set_aside=records.set_aside(),
    )


def test_the_status_says_it(recovered: Campaign) -> None:
    assert status_text(status_of(recovered), 100) == dedent("""\
        teapots
                done
          hero   3/3

          spent       $0.60
          reserved    $0.00
          at risk     $0.00
          adopted     $0.20  + 1 unpriced, 1 attempt from picks, 1 from receipts
          set aside   $0.20  1 attempt, by --buy-again
          unpriced   1 task  in addition, at an undocumented price
          budget      $1.00  $0.40 left

        all done
        """)
    document = status_document(status_of(recovered))
    validated("status", json.loads(json.dumps(document)))
    assert document["money"] == {
        "currency": "USD",
        "spent": "0.60",
        "reserved": "0.00",
        "at_risk": "0.00",
        "unpriced": 1,
        "budget": "1.00",
        "left": "0.40",
        "adopted": {"attempts": 2, "usd": "0.20", "unpriced": 1},
        "set_aside": {"attempts": 1, "usd": "0.20", "unpriced": 0},
    }


def test_one_job_says_it(recovered: Campaign) -> None:
    adopted, aside = recovered.records.job("hero/b"), recovered.records.job("hero/d")
    assert adopted is not None
    assert aside is not None
    assert "attempt 1: 2026-11-22 21:00:01Z, $0.20 spent, adopted from receipts\n" in show_text(
        adopted, outputs=Path("out"), width=80
    )
    assert show_text(aside, outputs=Path("out"), width=100).splitlines()[1:3] == [
        "  state      done, set aside by --buy-again",
        "  next run   a person has said to pay for it again; what came of it is kept, for nobody",
    ]
    for record, recovered_from in ((adopted, "receipts"), (aside, "receipts")):
        document = json.loads(json.dumps({**show_document(record, sandbox=False), "fingerprint_of": None}))
        validated("show", document)
        assert document["attempts"][0]["recovered"] == recovered_from
    assert [show_document(job, sandbox=False)["set_aside"] for job in (adopted, aside)] == [False, True]
