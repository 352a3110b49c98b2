import json

from mjpipe.domain import SOURCE_URL, Kind
from mjpipe.report import show_document
from tests.report.campaign import Campaign, job


def test_the_document_of_a_job_has_plan_history_and_prospect(campaign: Campaign) -> None:
    campaign.plan(
        job("hero/a"),
        job(
            "lid/a/2",
            kind=Kind.EDIT,
            price="0.30",
            request={"mode": "image-edit", "image_urls": [SOURCE_URL]},
            row={"sku": "T-01"},
            labels={"season": "spring"},
            source=("hero/a", 2),
        ),
    )
    campaign.finish(campaign.intend()["hero/a"])
    campaign.release_followers()
    campaign.fail(campaign.intend()["lid/a/2"], "Upload error", "404", "an image could not be uploaded: 404")
    record = campaign.records.job("lid/a/2")
    assert record is not None
    assert json.loads(json.dumps(show_document(record, sandbox=True))) == {
        "schema_version": 1,
        "sandbox": True,
        "key": "lid/a/2",
        "fingerprint": b"lid/a/2".hex(),
        "node": "lid",
        "kind": "edit",
        "orphan": False,
        "set_aside": False,
        "state": "failed",
        "reason": "an image could not be uploaded: 404",
        "code": "Upload error",
        "why": "new",
        "next_run": {"acts": False, "what": "it is left alone; `mjpipe run M --retry-failed` submits it again"},
        "price": "0.30",
        "source": {"key": "hero/a", "number": 2},
        "take": None,
        "row": {"sku": "T-01"},
        "labels": {"season": "spring"},
        "request": {"mode": "image-edit", "image_urls": ["{{ source.url }}"]},
        "paths": [f"lid/a/2-{number}.{{{{ ext }}}}" for number in range(4)],
        "attempts": [
            {
                "number": 1,
                "result": False,
                "taskId": "task_0002",
                "outcome": "accepted",
                "evidence": None,
                "recovered": None,
                "fail_code": "Upload error",
                "fail_message": "404",
                "price": "0.30",
                "money": "at_risk",
                "intended": "2026-11-22T21:00:05.000Z",
                "answered": "2026-11-22T21:00:06.000Z",
                "created": None,
                "completed": None,
                "finished": "2026-11-22T21:00:07.000Z",
                "request": {
                    "mode": "image-edit",
                    "image_urls": ["https://files.example/task_0001/2.png"],
                },
                "images": [],
            }
        ],
    }


def test_images_are_reported_with_their_files(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    campaign.finish(campaign.intend()["hero/a"], images=1)
    record = campaign.records.job("hero/a")
    assert record is not None
    document = json.loads(json.dumps(show_document(record, sandbox=False)))
    assert document["attempts"][0]["images"] == [
        {
            "number": 0,
            "url": "https://files.example/task_0001/0.png",
            "path": "hero/a-0.png",
            "sha256": "0" * 64,
            "size": 1000,
            "fetched": "2026-11-22T21:00:04.000Z",
        }
    ]
