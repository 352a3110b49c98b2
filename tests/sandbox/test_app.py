import json
from pathlib import Path

import pytest

from mjpipe.contract import Mode
from mjpipe.domain import StateFault, UsageFault, usd
from mjpipe.sandbox import Settings, create_app
from tests.sandbox.door import START, Clock, Door, sandbox

SUBMIT = "/api/v1/generateTask/midjourney"
STATUS = "/api/v1/statusTask/midjourney"
BALANCE = "/api/v1/apikeys/current-balance"

DRAWN = {"mode": "text-to-image", "prompt": "a teapot"}
DRAFT = {**DRAWN, "speed": "draft", "version": "7"}
CREATED = round(START * 1000)


@pytest.mark.parametrize("header", ["", "Bearer ", "Basic any", "any", "Bearer wrong"])
@pytest.mark.parametrize(("method", "path"), [("post", SUBMIT), ("get", STATUS), ("get", BALANCE)])
def test_a_wrong_key_is_refused(tmp_path: Path, method: str, path: str, header: str) -> None:
    with sandbox(tmp_path, key="right") as door:
        answer = getattr(door, method)(path, headers={"Authorization": header})
        assert (answer.status_code, answer.json()) == (
            401,
            {"code": 401, "message": "Unauthorized"},
        )
        assert door.get(BALANCE, headers={"Authorization": "Bearer right"}).status_code == 200


def test_the_answers_say_that_they_are_the_sandboxs_and_how_fast_it_is(tmp_path: Path) -> None:
    with sandbox(tmp_path, speed_up=2.5) as door:
        answers = [door.get("/sandbox/bill"), door.get(STATUS), door.get("/nowhere"), door.submit(**DRAWN)]
        assert [(a.headers["sandbox-speed-up"], a.headers["server"]) for a in answers] == [
            ("2.5", "mjpipe-sandbox")
        ] * 4


def test_a_task_is_pending_then_processing_then_a_success_with_the_documented_latency(door: Door) -> None:
    task_id = door.accepted(**DRAWN)
    assert door.status(task_id) == {"taskId": "task_1", "state": "pending", "createTime": CREATED}
    door.clock.now += 15
    assert door.status(task_id) == {"taskId": "task_1", "state": "processing", "createTime": CREATED}
    data = door.finished(task_id)
    latency = data.pop("costTime")
    assert 30_000 <= latency <= 45_000
    urls = [f"http://sandbox.test/sandbox/images/task_1/{index}.png" for index in range(4)]
    assert data == {
        "taskId": "task_1",
        "state": "success",
        "resultJson": json.dumps({"resultUrls": urls}, separators=(",", ":")),
        "supported_actions": [
            {"mode": "reroll"},
            {"mode": "vary", "imageIndex_options": [0, 1, 2, 3], "type_options": [0, 1]},
            {"mode": "upscale", "imageIndex_options": [0, 1, 2, 3], "type_options": [0, 1, 2, 3]},
            {"mode": "image-edit", "imageIndex_options": [0, 1, 2, 3]},
        ],
        "createTime": CREATED,
        "completeTime": CREATED + latency,
    }


def test_latencies_are_divided_by_the_speed_up(tmp_path: Path) -> None:
    with sandbox(tmp_path, speed_up=100) as door:
        assert 300 <= door.finished(door.accepted(**DRAWN))["costTime"] <= 450
        assert 150 <= door.finished(door.accepted(**{**DRAWN, "speed": "turbo"}))["costTime"] <= 250
        assert 150 <= door.finished(door.accepted(mode="upscale", taskId="task_1", imageIndex=0))["costTime"] <= 600


def test_an_image_is_there_only_once_its_task_has_succeeded(door: Door) -> None:
    task_id = door.accepted(**DRAWN)
    url = f"/sandbox/images/{task_id}/0.png"
    assert door.get(url).status_code == 404
    door.finished(task_id)
    assert door.get(url).headers["content-type"] == "image/png"
    assert door.get(f"/sandbox/images/{task_id}/4.png").status_code == 404
    assert door.get("/sandbox/images/task_9/0.png").json()["code"] == 404


def test_a_status_needs_a_task_that_is_known(door: Door) -> None:
    assert door.get(STATUS).json()["data"] == {"error": "Missing required parameter: taskId"}
    answer = door.get(STATUS, params={"taskId": "task_9"})
    assert (answer.status_code, answer.json()) == (
        404,
        {"code": 404, "message": "Not Found", "data": {"error": "unknown task"}},
    )


def test_another_method_is_refused_in_the_envelope(door: Door) -> None:
    answer = door.get(SUBMIT)
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, 405, "POST")


def test_the_balance_runs_out(tmp_path: Path) -> None:
    with sandbox(tmp_path, balance=usd("0.50")) as door:
        assert door.get(BALANCE).json() == {"code": 200, "message": "success", "data": 0.5}
        door.accepted(**DRAWN)
        door.accepted(**DRAWN)
        answer = door.submit(**DRAWN)
        assert (answer.status_code, answer.json()) == (
            402,
            {"code": 402, "message": "Insufficient balance", "data": {"error": "insufficient balance or quota"}},
        )
        assert door.get(BALANCE).json()["data"] == 0.1
        assert door.accepted(**DRAFT) == "task_4"
        assert door.bill()["total_usd"] == "0.50"


def test_more_tasks_at_one_time_than_allowed_are_refused(tmp_path: Path) -> None:
    with sandbox(tmp_path, concurrency=2) as door:
        door.accepted(**DRAWN)
        door.accepted(**DRAWN)
        answer = door.submit(**DRAWN)
        assert (answer.status_code, answer.json()["data"]) == (
            429,
            {"error": "rate or concurrency limit reached"},
        )
        door.clock.now += 100
        assert door.submit(**DRAWN).status_code == 200


def made(door: Door) -> dict[Mode, str]:
    """A finished draft, and what follows from it, in each mode."""
    start = door.made(**DRAFT)
    url = door.urls(start)[0]
    return {
        Mode.TEXT_TO_IMAGE: start,
        Mode.IMAGE_TO_IMAGE: door.made(**{**DRAFT, "mode": "image-to-image", "image_urls": [url]}),
        Mode.IMAGE_EDIT: door.made(mode="image-edit", prompt="a mug", image_urls=[url]),
        Mode.VARY: door.made(mode="vary", taskId=start, imageIndex=1),
        Mode.UPSCALE: door.made(mode="upscale", taskId=start, imageIndex=1),
        Mode.REROLL: door.made(mode="reroll", taskId=start),
        Mode.ENHANCE: door.made(mode="enhance", taskId=start, imageIndex=1),
    }


def test_what_may_follow_is_what_the_table_says_and_what_is_offered(door: Door) -> None:
    for source, task_id in made(door).items():
        offered = {action["mode"] for action in door.status(task_id)["supported_actions"]}
        assert offered == set(source.facts.followed_by)
        for mode in (Mode.REROLL, Mode.VARY, Mode.UPSCALE, Mode.ENHANCE):
            answer = door.submit(mode=mode, taskId=task_id, imageIndex=0)
            if mode in offered:
                assert answer.status_code == 200
            else:
                assert answer.json()["data"] == {"error": f"{mode} cannot follow {source}"}


def test_an_image_that_did_not_come_cannot_be_followed(door: Door) -> None:
    upscaled = made(door)[Mode.UPSCALE]
    answer = door.submit(mode="vary", taskId=upscaled, imageIndex=1)
    assert (answer.status_code, answer.json()["data"]) == (400, {"error": "imageIndex must be one of 0"})
    assert door.submit(mode="vary", taskId=upscaled, imageIndex=-1).status_code == 400


def test_enhance_follows_drafts_and_their_rerolls_alone(door: Door) -> None:
    fine, draft = door.made(**DRAWN, version="7"), door.made(**DRAFT)
    again = door.made(mode="reroll", taskId=door.made(mode="reroll", taskId=draft))
    answer = door.submit(mode="enhance", taskId=fine, imageIndex=0)
    assert answer.json()["data"] == {"error": "enhance only works for successful Midjourney draft results"}
    assert "enhance" not in str(door.status(fine)["supported_actions"])
    assert door.submit(mode="enhance", taskId=again, imageIndex=0).status_code == 200


def test_a_reroll_of_a_variation_is_no_draft_any_more(door: Door) -> None:
    variation = door.made(mode="vary", taskId=door.made(**DRAFT), imageIndex=0)
    again = door.made(mode="reroll", taskId=variation)
    assert door.submit(mode="enhance", taskId=again, imageIndex=0).status_code == 400


def test_only_a_success_can_be_followed(door: Door) -> None:
    task_id = door.accepted(**DRAWN)
    errors = [door.submit(mode="reroll", taskId=known).json()["data"]["error"] for known in (task_id, "task_9")]
    assert errors == ["taskId must be that of a successful task, it is pending", "taskId not found"]


def test_the_bill_holds_every_accepted_task_at_the_documented_price(door: Door) -> None:
    tasks = made(door)
    door.accepted(**{**DRAWN, "speed": "relaxed"})
    door.accepted(**{**DRAWN, "speed": "turbo"})
    door.accepted(**{**DRAWN, "is_hd": True, "version": "8.1"})
    door.accepted(**{**DRAWN, "is_hd": True, "version": "8.1", "speed": "turbo"})
    door.submit(mode="zoom")
    bill = door.bill()
    assert [(line["mode"], line["speed"], line["usd"], line.get("unpriced", False)) for line in bill["tasks"]] == [
        ("text-to-image", "draft", "0.10", False),
        ("image-to-image", "draft", "0.10", False),
        ("image-edit", "fast", "0.30", False),
        ("vary", None, "0.30", False),
        ("upscale", None, "0.30", False),
        ("reroll", "draft", "0.10", False),
        ("enhance", None, "0.00", True),
        ("text-to-image", "fast", "0.20", False),
        ("text-to-image", "turbo", "0.40", False),
        ("text-to-image", "fast", "0.30", False),
        ("text-to-image", "turbo", "0.00", True),
    ]
    assert bill["tasks"][0] == {
        "taskId": tasks[Mode.TEXT_TO_IMAGE],
        "mode": "text-to-image",
        "speed": "draft",
        "usd": "0.10",
        "request": DRAFT,
        "state": "success",
        "created": "2027-01-15T08:00:00.000+00:00",
    }
    assert (bill["total_usd"], bill["balance_usd"]) == ("2.10", None)


def test_the_bill_keeps_the_secrets_of_callback_urls(door: Door) -> None:
    top = {"request_type": "callback", "callback_url": "https://user:secret@example.com:8443/hooks/secret?t=secret"}
    door.accepted(top, **DRAWN)
    assert "secret" not in str(door.bill())
    assert door.bill()["tasks"][0]["callback"] == {"host": "https://example.com:8443", "tries": 0, "settled": False}


def test_tasks_and_charges_are_there_after_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    with sandbox(tmp_path, clock=clock) as door:
        task_id = door.accepted(**DRAWN)
        clock.now += 15
        before = door.status(task_id), door.bill()
    with sandbox(tmp_path, clock=clock, speed_up=100) as door:
        assert (door.status(task_id), door.bill()) == before
        assert 30_000 <= door.finished(task_id)["costTime"] <= 45_000


def test_a_source_on_loopback_is_known_after_a_restart_on_another_port(door: Door) -> None:
    start = door.made(**DRAWN)
    old = f"http://127.0.0.1:4711/sandbox/images/{start}/2.png"
    assert door.finished(door.accepted(mode="image-edit", prompt="a mug", image_urls=[old]))["state"] == "success"


def test_a_source_of_its_own_that_is_not_there_makes_the_task_fail(door: Door) -> None:
    url = "http://sandbox.test/sandbox/images/task_9/0.png"
    data = door.finished(door.accepted(mode="image-edit", prompt="a mug", image_urls=[url]))
    assert (data["state"], data["failCode"]) == ("failed", "Upload error")
    assert data["completeTime"] - data["createTime"] == data["costTime"]
    assert door.bill()["tasks"][0]["failCode"] == "Upload error"
    answer = door.submit(mode="reroll", taskId=data["taskId"])
    assert answer.json()["data"] == {"error": "taskId must be that of a successful task, it is failed"}


def test_a_state_that_cannot_be_used_is_a_state_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateFault, match="cannot keep its state in"):
        create_app(Settings(state=tmp_path / "file"))
    (tmp_path / "sandbox.sqlite").write_text("not a database, but long enough to be looked at")
    with pytest.raises(StateFault, match="cannot be used"):
        create_app(Settings(state=tmp_path))


@pytest.mark.parametrize(
    "settings",
    [{"speed_up": 0}, {"speed_up": float("nan")}, {"key": ""}, {"concurrency": 0}, {"pixels": 0}, {"pixels": 513}],
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, settings: dict[str, float]) -> None:
    with pytest.raises(UsageFault):
        Settings(state=tmp_path, **settings)  # type: ignore[arg-type]  # a table of wrong values


def test_the_key_does_not_show(tmp_path: Path) -> None:
    assert "secret" not in repr(Settings(state=tmp_path, key="secret"))
