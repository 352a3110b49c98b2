import json
from dataclasses import replace

from jsonschema import Draft202012Validator

from mjpipe.domain import Kind, bundled_folder, usd
from mjpipe.report import collect_costs
from mjpipe.report.formats.costs_json import costs_document
from tests.report.campaign import TEAPOTS, Campaign, job, teapots

SCHEMA = json.loads((bundled_folder("schemas") / "costs.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

NO_JOBS = {
    "total": 0,
    "waiting": 0,
    "unpicked": 0,
    "ready": 0,
    "submitting": 0,
    "submitted": 0,
    "succeeded": 0,
    "done": 0,
    "failed": 0,
    "in_doubt": 0,
    "skipped": 0,
}
NO_MONEY = {
    "planned": "0.00",
    "spent": "0.00",
    "reserved": "0.00",
    "at_risk": "0.00",
    "unpriced": {"planned": 0, "spent": 0, "reserved": 0, "at_risk": 0},
    "attempts": 0,
    "images": 0,
}

NOTHING_PAID = {"attempts": 0, "committed": "0.00", "unpriced": {"committed": 0}}


def document_of(campaign: Campaign, *, since: float | None = None, by: tuple[str, ...] = ()) -> dict[str, object]:
    reported = replace(TEAPOTS, sandbox=True, own_prices={"enhance/fast": usd("0.125")})
    costs = collect_costs(campaign.records, reported, since=since, by=by)
    document: dict[str, object] = json.loads(json.dumps(costs_document(costs)))
    return document


def test_the_document_of_a_small_campaign(campaign: Campaign) -> None:
    campaign.plan(job("hero/a", row={"style": "studio"}), job("soft/b", kind=Kind.ENHANCE, price=None))
    intents = campaign.intend()
    campaign.finish(intents["hero/a"])
    campaign.fail(intents["soft/b"], "PromptInvalid", "no", "the provider rejected the prompt: no")
    hero = {
        "jobs": {**NO_JOBS, "total": 1, "done": 1},
        **NO_MONEY,
        "planned": "0.20",
        "spent": "0.20",
        "attempts": 1,
        "images": 4,
    }
    soft = {
        "jobs": {**NO_JOBS, "total": 1, "failed": 1},
        **NO_MONEY,
        "planned": None,
        "at_risk": None,
        "unpriced": {"planned": 1, "spent": 0, "reserved": 0, "at_risk": 1},
        "attempts": 1,
    }
    states: dict[str, object] = {state: {"jobs": 0, **NO_MONEY} for state in NO_JOBS if state != "total"}
    assert document_of(campaign, since=campaign.now - 3600, by=("style",)) == {
        "schema_version": 1,
        "campaign": "teapots",
        "sandbox": True,
        "currency": "USD",
        "prices": {"source": "the page", "date": "2026-11-22", "own": {"enhance/fast": "0.125"}},
        "totals": {
            "jobs": {**NO_JOBS, "total": 2, "done": 1, "failed": 1},
            "planned": "0.20",
            "spent": "0.20",
            "reserved": "0.00",
            "at_risk": None,
            "reused": "0.00",
            "unpriced": {"planned": 1, "spent": 0, "reserved": 0, "at_risk": 1, "reused": 0},
            "attempts": 2,
            "images": 4,
        },
        "last_run": {
            "since": "2026-11-22T20:00:06.000Z",
            "attempts": 2,
            "spent": "0.20",
            "reserved": "0.00",
            "at_risk": None,
            "reused": "0.00",
            "unpriced": {"spent": 0, "reserved": 0, "at_risk": 1, "reused": 0},
        },
        "orphans": {"jobs": 0, **NO_MONEY},
        "extras": {"tasks": 0, "spent": "0.00", "unpriced": {"spent": 0}},
        "adopted": {**NOTHING_PAID, "from": {}},
        "set_aside": NOTHING_PAID,
        "nodes": {"hero": hero, "soft": soft},
        "modes": [
            {
                "mode": "text-to-image",
                "speed": "fast",
                "jobs": {**NO_JOBS, "total": 2, "done": 1, "failed": 1},
                **NO_MONEY,
                "planned": "0.20",
                "spent": "0.20",
                "at_risk": None,
                "unpriced": {"planned": 1, "spent": 0, "reserved": 0, "at_risk": 1},
                "attempts": 2,
                "images": 4,
            }
        ],
        "states": {**states, "done": {**hero, "jobs": 1}, "failed": {**soft, "jobs": 1}},
        "by": {"style": [{"value": "studio", **hero}, {"value": None, **soft}]},
        "failures": [
            {
                "state": "failed",
                "code": "PromptInvalid",
                "reason": "the provider rejected the prompt: no",
                "jobs": 1,
                "keys": ["soft/b"],
                "at_risk": None,
                "unpriced": {"at_risk": 1},
                "advice": "rewrite the prompt",
            }
        ],
    }


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_document_is_as_the_schema_says(campaign: Campaign) -> None:
    VALIDATOR.validate(document_of(campaign))
    since = teapots(campaign)
    VALIDATOR.validate(document_of(campaign, since=since, by=("style", "season")))
    VALIDATOR.validate(document_of(campaign))


def test_the_schema_knows_every_field_and_takes_no_other(campaign: Campaign) -> None:
    since = teapots(campaign)
    document = document_of(campaign, since=since, by=("style",))
    places = list(objects(document))
    assert len(places) > 60
    for place in places:
        place["strange"] = True
        assert not VALIDATOR.is_valid(document), sorted(place)
        del place["strange"]
    VALIDATOR.validate(document)


def objects(value: object) -> list[dict[str, object]]:
    """All objects in a document, but those whose names are the user's or states."""
    if isinstance(value, list):
        return [found for item in value for found in objects(item)]
    if not isinstance(value, dict):
        return []
    free = {"hero", "style", "enhance/fast"} & value.keys()
    return ([] if free else [value]) + [found for item in value.values() for found in objects(item)]


def test_the_same_ledger_gives_the_same_bytes(campaign: Campaign) -> None:
    since = teapots(campaign)
    assert json.dumps(document_of(campaign, since=since)) == json.dumps(document_of(campaign, since=since))
