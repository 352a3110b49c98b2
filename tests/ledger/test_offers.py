"""Whether a follow-up may be submitted once its source has succeeded."""

from typing import Any

import pytest

from mjpipe.contract import Mode
from mjpipe.domain import JobState, JsonObject
from mjpipe.ledger.offers import FollowUp, Result

READY, FAILED, SKIPPED = JobState.READY, JobState.FAILED, JobState.SKIPPED


def verdict(
    mode: str,
    number: int | None,
    came: set[int],
    actions: list[dict[str, Any]] | None,
    source: str = "text-to-image",
    *,
    option: int | None = None,
) -> tuple[JobState, str | None, str | None]:
    result = Result(mode=Mode(source), numbers=frozenset(came), actions=actions)
    request: JsonObject = {"mode": mode} if option is None else {"mode": mode, "type": option}
    decided = result.verdict_on(FollowUp.of(request, number))
    return decided.state, decided.code, decided.reason


def offer(mode: str, indexes: list[int] | None = None, types: list[int] | None = None) -> dict[str, Any]:
    return {"mode": mode, "image_indexes": indexes, "types": types}


def test_an_image_that_did_not_come_skips_the_job_and_says_so() -> None:
    assert verdict("upscale", 3, {0, 1}, None) == (
        SKIPPED,
        "image_missing",
        "image 3 did not come: the task made 2",
    )


@pytest.mark.parametrize("actions", [[offer("upscale", [0, 1])], [offer("upscale")], [offer("vary"), offer("upscale")]])
def test_what_the_service_offers_is_ready(actions: list[dict[str, Any]]) -> None:
    assert verdict("upscale", 1, {0, 1}, actions)[0] is READY


@pytest.mark.parametrize("actions", [[], [offer("vary", [0, 1])]])
def test_what_the_service_does_not_offer_fails_unsent(actions: list[dict[str, Any]]) -> None:
    assert verdict("upscale", 1, {0, 1}, actions) == (
        FAILED,
        "not_offered",
        "the service does not offer `upscale` after this task",
    )


@pytest.mark.parametrize(
    ("actions", "offered"),
    [
        ([offer("upscale", [0])], "image 0"),
        ([offer("upscale", [2, 0]), offer("vary", [1]), offer("upscale", [3])], "image 0, 2, 3"),
        ([offer("upscale", [])], "no image"),
    ],
)
def test_an_image_that_the_service_does_not_offer_fails_unsent(actions: list[dict[str, Any]], offered: str) -> None:
    assert verdict("upscale", 1, {0, 1}, actions) == (
        FAILED,
        "not_offered",
        f"the service offers `upscale` after this task for {offered}, not for image 1",
    )


@pytest.mark.parametrize(
    ("mode", "option", "actions", "offered"),
    [
        ("vary", 1, [offer("vary", [0, 1], [0])], "`type` 0"),
        ("upscale", 3, [offer("upscale", None, [0, 1])], "`type` 0, 1"),
        ("upscale", 3, [offer("upscale", [0], [3]), offer("upscale", [1], [2]), offer("vary", [1], [3])], "`type` 2"),
        ("upscale", 0, [offer("upscale", [1], [])], "no `type`"),
    ],
)
def test_a_type_that_the_service_does_not_offer_fails_unsent(
    mode: str, option: int, actions: list[dict[str, Any]], offered: str
) -> None:
    assert verdict(mode, 1, {0, 1}, actions, option=option) == (
        FAILED,
        "not_offered",
        f"the service offers `{mode}` after this task for {offered}, not for `type` {option}",
    )


@pytest.mark.parametrize(
    ("option", "actions"),
    [
        (1, [offer("upscale", [1], [0, 1])]),
        (1, [offer("upscale", [0], [0]), offer("upscale", [1], [1])]),
        (3, [offer("upscale", [1])]),  # nothing is said of types
        (None, [offer("upscale", [1], [0])]),  # which one the service takes then is not documented
    ],
)
def test_a_type_that_is_offered_or_of_which_nothing_is_said_is_ready(
    option: int | None, actions: list[dict[str, Any]]
) -> None:
    assert verdict("upscale", 1, {0, 1}, actions, option=option)[0] is READY


def test_a_reroll_takes_the_whole_task() -> None:
    assert verdict("reroll", None, {0}, [offer("reroll")])[0] is READY
    assert verdict("reroll", None, {0}, [offer("upscale", [0])])[0] is FAILED


@pytest.mark.parametrize("source", list(Mode))
@pytest.mark.parametrize("mode", [Mode.VARY, Mode.UPSCALE, Mode.ENHANCE, Mode.IMAGE_EDIT])
def test_where_the_answer_is_silent_the_table_of_the_page_decides(source: Mode, mode: Mode) -> None:
    assert (verdict(mode, 0, {0}, None, source)[0] is READY) == (mode in source.facts.followed_by)


@pytest.mark.parametrize("actions", [None, [], [offer("upscale", [0])]])
def test_a_generation_from_an_image_needs_no_offer_because_it_goes_by_url(actions: list[dict[str, Any]] | None) -> None:
    assert verdict("image-to-image", 0, {0}, actions)[0] is READY
    assert verdict("image-to-image", 2, {0}, actions)[0] is SKIPPED
