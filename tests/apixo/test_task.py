"""What is made of the status call's data, documented or not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.apixo import Action, TaskStatus
from mjpipe.apixo.task import read_task
from mjpipe.contract import Mode, TaskState

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def test_a_success_is_read_whole() -> None:
    status = read_task(
        {
            "taskId": "task_1",
            "state": "success",
            "resultJson": '{"resultUrls":["https://file.example/1.png","https://file.example/2.png"]}',
            "supported_actions": [
                {"mode": "reroll"},
                {"mode": "vary", "imageIndex_options": [0, 1], "type_options": [0, 1]},
                {"mode": "image-edit", "imageIndex_options": [0, 1]},
            ],
            "createTime": 1767965610929,
            "completeTime": 1767965652317,
            "costTime": 41388,
        },
        speed_up=20.0,
        evidence="HTTP 200 …",
    )
    assert status == TaskStatus(
        state=TaskState.SUCCESS,
        image_urls=("https://file.example/1.png", "https://file.example/2.png"),
        supported_actions=(
            Action(mode=Mode.REROLL),
            Action(mode=Mode.VARY, image_indexes=(0, 1), types=(0, 1)),
            Action(mode=Mode.IMAGE_EDIT, image_indexes=(0, 1)),
        ),
        created=datetime(2026, 1, 9, 13, 33, 30, 929000, tzinfo=UTC),
        completed=datetime(2026, 1, 9, 13, 34, 12, 317000, tzinfo=UTC),
        speed_up=20.0,
        evidence="HTTP 200 …",
    )


def test_a_failure_is_read_whole() -> None:
    status = read_task({"state": "failed", "failCode": "PromptInvalid", "failMsg": "rejected", "createTime": 0})
    assert status == TaskStatus(
        state=TaskState.FAILED,
        fail_code="PromptInvalid",
        fail_message="rejected",
        created=datetime(1970, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("state", [TaskState.PENDING, TaskState.PROCESSING])
def test_a_task_under_way_has_no_images_even_if_some_are_shown(state: TaskState) -> None:
    assert read_task({"state": state.value, "resultJson": '{"resultUrls":["https://x/1.png"]}'}) == TaskStatus(
        state=state
    )


@pytest.mark.parametrize("state", ["completed", "SUCCESS", "", None, 1, ["success"], {}])
def test_a_state_that_no_page_documents_is_none(state: Any) -> None:
    assert read_task({"state": state, "resultJson": '{"resultUrls":["https://x/1.png"]}'}) == TaskStatus(state=None)


@pytest.mark.parametrize(
    "result",
    [
        None,
        "",
        "not json",
        "null",
        "[]",
        "{}",
        '{"resultUrls": null}',
        '{"resultUrls": "https://x/1.png"}',
        '{"resultUrls": ["https://x/1.png", null]}',
        '{"resultUrls": ["https://x/1.png", ""]}',
        {"resultUrls": ["https://x/1.png"]},
    ],
)
def test_a_success_whose_result_cannot_be_read_has_no_images(result: Any) -> None:
    assert read_task({"state": "success", "resultJson": result}) == TaskStatus(state=TaskState.SUCCESS)


def test_a_success_without_images_is_not_one_that_cannot_be_read() -> None:
    assert read_task({"state": "success", "resultJson": '{"resultUrls": []}'}).image_urls == ()


@pytest.mark.parametrize(
    ("actions", "read"),
    [
        (None, None),
        ("vary", None),
        ({}, None),
        ([], ()),
        (["vary", None, {}, {"mode": ["vary"]}], None),  # not a word of it can be read
        (["vary", {"mode": "animate"}], ()),
        ([{"mode": "upscale", "imageIndex_options": None, "type_options": "0"}], (Action(mode=Mode.UPSCALE),)),
        (
            [{"mode": "upscale", "imageIndex_options": [0, "1", True, 2.0], "type_options": []}],
            (Action(mode=Mode.UPSCALE, image_indexes=(0,), types=()),),
        ),
        ([{"mode": "vary", "imageIndex_options": ["0", "1"], "type_options": [None]}], (Action(mode=Mode.VARY),)),
    ],
)
def test_an_offer_says_what_can_be_read_of_it_and_nothing_where_that_is_nothing(
    actions: Any, read: tuple[Action, ...] | None
) -> None:
    assert read_task({"state": "success", "supported_actions": actions}).supported_actions == read


@pytest.mark.parametrize("moment", [None, "1767965610929", 1.5, True, 10**30, -(10**30)])
def test_a_time_that_cannot_be_read_is_none(moment: Any) -> None:
    assert read_task({"state": "pending", "createTime": moment}).created is None


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ["state", "resultJson", "supported_actions", "failCode", "failMsg", "createTime", "completeTime"], JSON
        ),
    )
)
def test_no_data_breaks_the_reading(data: dict[str, Any]) -> None:
    assert isinstance(read_task(data), TaskStatus)
