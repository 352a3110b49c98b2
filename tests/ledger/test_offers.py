"""Whether a follow-up may be submitted once its source has succeeded."""

from typing import Any

import pytest

from mjpipe.contract import FOLLOW_UPS, Mode
from mjpipe.domain import JobState
from mjpipe.ledger.offers import Result

READY, FAILED, SKIPPED = JobState.READY, JobState.FAILED, JobState.SKIPPED


def verdict(
    mode: str, number: int | None, came: set[int], actions: list[dict[str, Any]] | None, source: str = "text-to-image"
) -> tuple[JobState, str | None, str | None]:
    result = Result(mode=Mode(source), numbers=frozenset(came), actions=actions)
    decided = result.verdict_on(Mode(mode), number)
    return decided.state, decided.code, decided.reason


def offer(mode: str, indexes: list[int] | None = None) -> dict[str, Any]:
    return {"mode": mode, "image_indexes": indexes, "types": None}


def test_an_image_that_did_not_come_skips_the_job_and_says_so() -> None:
    assert verdict("upscale", 3, {0, 1}, None) == (
        SKIPPED,
        "image_missing",
        "image 3 did not come: the task made 2",
    )


@pytest.mark.parametrize("actions", [[offer("upscale", [0, 1])], [offer("upscale")], [offer("vary"), offer("upscale")]])
def test_what_the_service_offers_is_ready(actions: list[dict[str, Any]]) -> None:
    assert verdict("upscale", 1, {0, 1}, actions)[0] is READY


@pytest.mark.parametrize("actions", [[], [offer("vary", [0, 1])], [offer("upscale", [0])], [offer("upscale", [])]])
def test_what_the_service_does_not_offer_fails_unsent(actions: list[dict[str, Any]]) -> None:
    assert verdict("upscale", 1, {0, 1}, actions) == (
        FAILED,
        "not_offered",
        "the service does not offer `upscale` after this task",
    )


def test_a_reroll_takes_the_whole_task() -> None:
    assert verdict("reroll", None, {0}, [offer("reroll")])[0] is READY
    assert verdict("reroll", None, {0}, [offer("upscale", [0])])[0] is FAILED


@pytest.mark.parametrize("source", list(Mode))
@pytest.mark.parametrize("mode", [Mode.VARY, Mode.UPSCALE, Mode.ENHANCE, Mode.IMAGE_EDIT])
def test_where_the_answer_is_silent_the_table_of_the_page_decides(source: Mode, mode: Mode) -> None:
    assert (verdict(mode, 0, {0}, None, source)[0] is READY) == (mode in FOLLOW_UPS[source])


@pytest.mark.parametrize("actions", [None, [], [offer("upscale", [0])]])
def test_a_generation_from_an_image_needs_no_offer_because_it_goes_by_url(actions: list[dict[str, Any]] | None) -> None:
    assert verdict("image-to-image", 0, {0}, actions)[0] is READY
    assert verdict("image-to-image", 2, {0}, actions)[0] is SKIPPED
