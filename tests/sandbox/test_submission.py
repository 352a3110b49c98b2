import json
from typing import Any

import pytest

from mjpipe.contract import Mode, Speed
from mjpipe.domain import Json
from mjpipe.sandbox.envelope import Refusal
from mjpipe.sandbox.submission import before_flags, read_submission
from tests.sandbox.door import Door

EDIT = {"mode": "image-edit", "prompt": "a mug", "image_urls": ["https://example.com/cafe.jpg"]}
DRAWN = {"mode": "text-to-image", "prompt": "a teapot"}
URL = "https://example.com/a.jpg"


def read(request: Json, **top: Any) -> Any:
    return read_submission(json.dumps({"request_type": "async", "input": request, **top}).encode(), "application/json")


def refusal(request: Json, **top: Any) -> str:
    with pytest.raises(Refusal) as refused:
        read(request, **top)
    assert refused.value.status == 400
    return str(refused.value.error)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"prompt": "a"}, "Missing required field: input.mode"),
        (
            {"mode": "zoom"},
            "Invalid mode type: use one of text-to-image, image-to-image, image-edit, vary, upscale, reroll, enhance",
        ),
        ({"mode": ["vary"]}, "Invalid mode type: use one of " + ", ".join(Mode)),
        ({"mode": "text-to-image"}, "Missing required field: input.prompt"),
        ({**DRAWN, "prompt": "  "}, "input.prompt must not be empty (text from the first -- on is stripped)"),
        ({**DRAWN, "prompt": "--ar 16:9"}, "input.prompt must not be empty (text from the first -- on is stripped)"),
        ({**DRAWN, "prompt": "x" * 2001}, "input.prompt is longer than 2000 characters or 7500 bytes"),
        ({**DRAWN, "prompt": "\U0001f375" * 1876}, "input.prompt is longer than 2000 characters or 7500 bytes"),
        ({**DRAWN, "prompt": 7}, "input.prompt must be a string"),
        (
            {**DRAWN, "aspect_ratio": "7:5"},
            "input.aspect_ratio must be one of 1:1, 1:2, 2:1, 2:3, 3:2, 3:4, 4:3, 5:6, 6:5, 9:16, 16:9",
        ),
        ({**DRAWN, "speed": "slow"}, "input.speed must be one of fast, turbo, draft, relaxed"),
        ({**DRAWN, "stylization": "250"}, "input.stylization must be an integer"),
        ({**DRAWN, "stylization": True}, "input.stylization must be an integer"),
        ({**DRAWN, "iw": "1"}, "input.iw must be a number"),
        ({**DRAWN, "is_hd": 1}, "input.is_hd must be true or false"),
        ({**DRAWN, "image_urls": "https://example.com"}, "input.image_urls must be a list of public image URLs"),
        ({**DRAWN, "image_urls": ["me.jpg"]}, "input.image_urls must be a list of public image URLs"),
        ({**DRAWN, "image_urls": [URL + " "]}, "input.image_urls must be a list of public image URLs"),
        ({**DRAWN, "image_urls": ["https://a\x9b"]}, "input.image_urls must be a list of public image URLs"),
        (
            {**DRAWN, "sref_urls": [{"url": URL, "weight": "2"}]},
            "input.sref_urls must be a list of public image URLs, or of objects with url and weight",
        ),
        ({**DRAWN, "image_urls": [URL] * 21}, "input.image_urls takes up to 20 images"),
        (
            {"mode": "image-to-image", "prompt": "a dog"},
            "image-to-image requires at least one of image_urls, sref_urls, cref_urls, oref_urls",
        ),
        (
            {"mode": "image-to-image", "prompt": "a dog", "sref_urls": []},
            "image-to-image requires at least one of image_urls, sref_urls, cref_urls, oref_urls",
        ),
        (
            {"mode": "image-edit", "prompt": "a mug"},
            "image-edit requires exactly 1 source image in image_urls",
        ),
        ({**EDIT, "image_urls": [URL, URL]}, "image-edit requires exactly 1 source image in image_urls"),
        (
            {**EDIT, "speed": "draft", "version": "7"},
            "draft is only supported for text-to-image and image-to-image when version=7",
        ),
        (
            {**DRAWN, "speed": "draft", "version": "8.1"},
            "draft is only supported for text-to-image and image-to-image when version=7",
        ),
        ({**DRAWN, "speed": "draft"}, "draft is only supported for text-to-image and image-to-image when version=7"),
        (
            {**EDIT, "mask": {"areas": [{"width": 10, "height": 10, "points": [1, 2, 3, 4]}]}},
            "input.mask must be an object with areas, each with width, height and the points of at least 3 corners",
        ),
        ({**EDIT, "canvas": {"width": 0, "height": 9}}, "input.canvas must be an object with width and height"),
        (
            {**EDIT, "imgPos": {"width": 9, "height": 9}},
            "input.imgPos must be an object with width, height, x and y",
        ),
        ({"mode": "reroll"}, "Missing required field: input.taskId"),
        ({"mode": "reroll", "taskId": 12}, "input.taskId must be the id of an earlier task"),
        (
            {"mode": "vary"},
            "Missing required field: input.taskId; Missing required field: input.imageIndex",
        ),
        ({"mode": "upscale", "taskId": "t", "imageIndex": "0"}, "input.imageIndex must be an integer"),
        ({"mode": "upscale", "taskId": "t", "imageIndex": 0, "type": 4}, "input.type must be one of 0, 1, 2, 3"),
        ({"mode": "vary", "taskId": "t", "imageIndex": 0, "type": 2}, "input.type must be one of 0, 1"),
        (None, "input must be an object"),
    ],
)
def test_a_broken_rule_is_named(request_: Json, error: str) -> None:
    assert refusal(request_) == error


def test_all_broken_rules_are_named_at_once() -> None:
    error = refusal({**DRAWN, "speed": "slow", "iw": "x"}, request_type="later")
    assert sorted(error.split("; ")) == [
        "input.iw must be a number",
        "input.speed must be one of fast, turbo, draft, relaxed",
        "request_type must be async or callback",
    ]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (None, "Missing required field: callback_url"),
        ("http://example.com/hook", "callback_url must be a public HTTPS URL"),
        ("example.com", "callback_url must be a public HTTPS URL"),
        ("http://[", "callback_url must be a public HTTPS URL"),
    ],
)
def test_a_callback_needs_a_public_https_url(url: str | None, error: str) -> None:
    assert refusal(DRAWN, request_type="callback", callback_url=url) == error


def test_a_callback_on_loopback_may_be_plain_http() -> None:
    url = "http://127.0.0.1:9/hook"
    assert read(DRAWN, request_type="callback", callback_url=url).callback_url == url


def test_a_callback_url_counts_only_for_callbacks() -> None:
    assert read(DRAWN, callback_url="https://example.com").callback_url is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "the body is not valid JSON"),
        (b"\xff", "the body is not valid JSON"),
        (b'{"input": NaN}', "the body is not valid JSON"),
        (b"[" * 100_000, "the body is not valid JSON"),
        (b"[]", "the body must be a JSON object"),
        (b"{}", "Missing required field: input"),
    ],
)
def test_a_body_that_is_no_submission_is_refused(body: bytes, error: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_submission(body, "application/json; charset=utf-8")
    assert (refused.value.status, refused.value.error) == (400, error)


def test_a_submission_must_say_that_it_is_json(door: Door) -> None:
    answer = door.post("/api/v1/generateTask/midjourney", content=json.dumps({"input": DRAWN}))
    assert (answer.status_code, answer.json()) == (
        400,
        {"code": 400, "message": "Invalid request", "data": {"error": "Content-Type must be application/json"}},
    )


def test_unknown_fields_are_ignored() -> None:
    assert read({**DRAWN, "aspect-ratio": "7:5", "type": 9}).mode is Mode.TEXT_TO_IMAGE


def test_relaxed_is_executed_as_fast() -> None:
    assert read({**DRAWN, "speed": "relaxed"}).speed is Speed.FAST


def test_speed_is_fast_when_nothing_is_said() -> None:
    assert read(DRAWN).speed is Speed.FAST
    assert read({"mode": "reroll", "taskId": "t"}).speed is None


def test_a_prompt_ends_before_its_flags() -> None:
    assert before_flags("a teapot --ar 16:9 --no text") == "a teapot"
    assert before_flags("a well-made teapot") == "a well-made teapot"
