"""Each fact of the seed page stands in the contract, whole, and nowhere else."""

import re
from decimal import Decimal
from pathlib import Path

import mjpipe
from mjpipe.contract import (
    ACCEPTED,
    DRAFT_KINDS,
    DRAFT_VERSION,
    FAIL_CODES,
    FIELDS_OF_KIND,
    FIRST_REDELIVERY,
    HTTP_MEANINGS,
    IMAGE_URLS,
    INPUT_IMAGE_BYTES,
    INPUT_IMAGE_FORMATS,
    MODEL,
    MODES_OF_KIND,
    NOT_ACCEPTED_CODES,
    PROMPT_BYTES,
    PROMPT_CHARACTERS,
    RATIOS,
    REDELIVERIES,
    REFERENCE_FIELDS,
    RESULT_URL_LIFETIME,
    WEBHOOK_ANSWER,
    Mode,
    Speed,
    StartsFrom,
    TaskState,
    Timing,
    executed_speed,
    fail_code,
    is_draft,
    kinds_after,
    may_follow,
    needs_offer,
)
from mjpipe.domain import JsonObject, Kind
from mjpipe.pricing import load_prices

M = Mode


def test_the_model_its_modes_and_its_speeds() -> None:
    assert MODEL == "midjourney"
    assert list(Mode) == ["text-to-image", "image-to-image", "image-edit", "vary", "upscale", "reroll", "enhance"]
    assert list(Speed) == ["fast", "turbo", "draft", "relaxed"]
    assert {speed: executed_speed(speed) for speed in Speed} == {
        Speed.FAST: Speed.FAST,
        Speed.TURBO: Speed.TURBO,
        Speed.DRAFT: Speed.DRAFT,
        Speed.RELAXED: Speed.FAST,
    }


def test_each_mode_is_direct_or_secondary_and_belongs_to_one_kind() -> None:
    assert {mode: mode.facts.starts_from for mode in Mode} == {
        M.TEXT_TO_IMAGE: StartsFrom.URLS,
        M.IMAGE_TO_IMAGE: StartsFrom.URLS,
        M.IMAGE_EDIT: StartsFrom.URLS,
        M.VARY: StartsFrom.TASK_IMAGE,
        M.UPSCALE: StartsFrom.TASK_IMAGE,
        M.REROLL: StartsFrom.WHOLE_TASK,
        M.ENHANCE: StartsFrom.TASK_IMAGE,
    }
    # A request has a speed where it is sent directly; only a reroll does what another task did.
    assert {mode for mode in Mode if mode.facts.has_speed} == {mode for mode in Mode if mode.facts.sent_by_url}
    assert [mode for mode in Mode if mode.facts.repeats_source] == [M.REROLL]
    assert MODES_OF_KIND == {
        Kind.GENERATE: (M.TEXT_TO_IMAGE, M.IMAGE_TO_IMAGE),
        Kind.EDIT: (M.IMAGE_EDIT,),
        Kind.VARY: (M.VARY,),
        Kind.UPSCALE: (M.UPSCALE,),
        Kind.REROLL: (M.REROLL,),
        Kind.ENHANCE: (M.ENHANCE,),
    }


def test_limits_of_prompts_and_images() -> None:
    assert (PROMPT_CHARACTERS, PROMPT_BYTES) == (2000, 7500)
    assert IMAGE_URLS == 20
    bounds = {mode: mode.facts.image_bound for mode in Mode if mode.facts.sent_by_url}
    assert bounds == {
        M.TEXT_TO_IMAGE: "at most 20 images",
        M.IMAGE_TO_IMAGE: "at most 20 images",
        M.IMAGE_EDIT: "exactly 1 image",
    }
    assert [mode for mode in Mode if mode.facts.needs_reference] == [M.IMAGE_TO_IMAGE]
    assert REFERENCE_FIELDS == ("image_urls", "sref_urls", "cref_urls", "oref_urls")
    assert {mode: mode.facts.images for mode in Mode} == {
        mode: 1 if mode in (M.UPSCALE, M.ENHANCE) else 4 for mode in Mode
    }


def test_ratios_are_the_eleven_of_the_page() -> None:
    assert RATIOS == ("1:1", "1:2", "2:1", "2:3", "3:2", "3:4", "4:3", "5:6", "6:5", "9:16", "16:9")


def test_the_fields_of_each_mode() -> None:
    diffusion = {
        *("prompt", "image_urls", "sref_urls", "cref_urls", "oref_urls", "iw", "sw", "sv", "negative_prompt"),
        *("version", "speed", "aspect_ratio", "stylization", "variety", "weirdness", "is_hd"),
    }
    edit = {"prompt", "image_urls", "version", "speed", "mask", "canvas", "imgPos", "remixPrompt"}
    fields = {mode: {field.name for field in mode.facts.fields} for mode in Mode}
    assert fields == {
        M.TEXT_TO_IMAGE: diffusion,
        M.IMAGE_TO_IMAGE: diffusion,
        M.IMAGE_EDIT: edit,
        M.VARY: {"type", "remixPrompt"},
        M.UPSCALE: {"type"},
        M.REROLL: set(),
        M.ENHANCE: set(),
    }
    assert {field.name for mode in Mode for field in mode.facts.fields if field.required} == {"prompt"}
    for kind, modes in MODES_OF_KIND.items():
        assert all(FIELDS_OF_KIND[kind] == mode.facts.fields for mode in modes)


def test_the_table_of_follow_ups() -> None:
    assert {mode: set(mode.facts.followed_by) for mode in Mode} == {
        M.TEXT_TO_IMAGE: {M.REROLL, M.VARY, M.UPSCALE, M.IMAGE_EDIT, M.ENHANCE},
        M.IMAGE_TO_IMAGE: {M.REROLL, M.VARY, M.UPSCALE, M.IMAGE_EDIT, M.ENHANCE},
        M.IMAGE_EDIT: {M.IMAGE_EDIT, M.UPSCALE},
        M.VARY: {M.REROLL, M.VARY, M.UPSCALE, M.IMAGE_EDIT},
        M.UPSCALE: {M.VARY, M.IMAGE_EDIT},
        M.REROLL: {M.REROLL, M.VARY, M.UPSCALE, M.IMAGE_EDIT, M.ENHANCE},
        M.ENHANCE: {M.VARY, M.UPSCALE, M.IMAGE_EDIT},
    }
    assert {mode: mode.facts.types for mode in Mode if mode.facts.types} == {M.VARY: (0, 1), M.UPSCALE: (0, 1, 2, 3)}
    assert may_follow(M.VARY, M.UPSCALE)
    assert not may_follow(M.UPSCALE, M.UPSCALE)
    assert list(kinds_after(M.IMAGE_EDIT)) == [Kind.EDIT, Kind.UPSCALE]
    assert [mode for mode in Mode if not needs_offer(mode)] == [M.TEXT_TO_IMAGE, M.IMAGE_TO_IMAGE]


def test_a_draft_is_a_diffusion_of_version_7_at_the_speed_draft() -> None:
    assert DRAFT_VERSION == "7"
    drafts = [
        (mode, speed, version)
        for mode in Mode
        for speed in (*Speed, None)
        for version in ("7", "8.1", None)
        if is_draft(mode, speed, version)
    ]
    assert DRAFT_KINDS == (Kind.GENERATE,)
    assert [mode for mode in Mode if mode.facts.follows_drafts_only] == [M.ENHANCE]
    assert drafts == [(M.TEXT_TO_IMAGE, Speed.DRAFT, "7"), (M.IMAGE_TO_IMAGE, Speed.DRAFT, "7")]


def test_latencies_and_poll_times() -> None:
    turbo = Timing(shortest=15, longest=25, first_poll=20, interval=3)
    fast = Timing(shortest=30, longest=45, first_poll=20, interval=3)
    follow_up = Timing(shortest=15, longest=60, first_poll=15, interval=3)
    for mode in (M.TEXT_TO_IMAGE, M.IMAGE_TO_IMAGE, M.IMAGE_EDIT, M.REROLL):
        assert mode.facts.timing(Speed.TURBO) == turbo
        assert mode.facts.timing(Speed.FAST) == fast
    assert {mode.facts.timing(None) for mode in (M.VARY, M.UPSCALE, M.ENHANCE)} == {follow_up}
    # No page says how long these take.
    assert M.TEXT_TO_IMAGE.facts.timing(Speed.DRAFT) == M.REROLL.facts.timing(None) == fast
    assert fast.typical == 37.5


def test_webhooks_are_delivered_again_three_times() -> None:
    assert (WEBHOOK_ANSWER, REDELIVERIES, FIRST_REDELIVERY) == (30, 3, 30)
    assert RESULT_URL_LIFETIME == 86_400


def test_what_a_source_image_may_be_is_said_where_one_was_refused() -> None:
    assert (INPUT_IMAGE_FORMATS, INPUT_IMAGE_BYTES) == (("JPEG", "PNG", "WebP"), 10_000_000)
    about_images = (
        "Upload error",
        "INVALID_IMAGE_URL",
        "IMAGE_TOO_LARGE",
        "UNSUPPORTED_FORMAT",
        "IMAGE_DOWNLOAD_FAILED",
    )
    assert {fail_code(code).advice for code in about_images} == {
        "use a public direct URL of a JPEG, PNG or WebP under 10 MB"
    }


def test_states_and_codes_of_answers() -> None:
    assert list(TaskState) == ["pending", "processing", "success", "failed"]
    assert ACCEPTED == 200
    assert set(HTTP_MEANINGS) == {400, 401, 402, 403, 404, 429, 500, 502, 503, 504}
    # 504 is missing: the work may have been begun.
    assert {429, 500, 502, 503} == NOT_ACCEPTED_CODES


def test_fail_codes_and_which_of_them_are_worth_another_try() -> None:
    page = [
        "PromptInvalid",
        "MissingParameter",
        "SensitiveContentDetected",
        "InputOutputSensitiveContentDetected",
        "Upload error",
        "Website TimeOut",
        "Task TimeOut",
        "RateLimitExceeded",
    ]
    other = [
        *("SensitiveContent", "InputImageSensitiveContentDetected", "NSFW"),
        *("ProhibitedContentDetected", "PromptLengthExceeded"),
    ]
    older = [
        *("CONTENT_VIOLATION", "NSFW_DETECTED", "PROMPT_TOO_LONG", "INVALID_PROMPT", "INVALID_IMAGE_URL"),
        *("IMAGE_TOO_LARGE", "UNSUPPORTED_FORMAT", "IMAGE_DOWNLOAD_FAILED"),
        *("PROCESSING_TIMEOUT", "MODEL_UNAVAILABLE", "GENERATION_FAILED", "INSUFFICIENT_CREDITS"),
    ]
    assert list(FAIL_CODES) == page + other + older
    assert all(code == fail.code and fail.meaning and fail.advice for code, fail in FAIL_CODES.items())
    assert {code for code, fail in FAIL_CODES.items() if fail.retryable} == {
        *("Website TimeOut", "Task TimeOut", "RateLimitExceeded"),
        *("PROCESSING_TIMEOUT", "MODEL_UNAVAILABLE", "GENERATION_FAILED"),
    }
    assert [code for code, fail in FAIL_CODES.items() if fail.stops] == ["INSUFFICIENT_CREDITS"]
    unknown = fail_code("Gremlins")
    assert (unknown.code, unknown.retryable, unknown.stops) == ("Gremlins", False, False)


def test_every_mode_and_speed_is_priced_as_the_page_says_or_not_at_all() -> None:
    table = load_prices()

    def price(mode: Mode, speed: Speed) -> Decimal | None:
        return table.quote({"mode": mode, "speed": speed})

    direct = (Speed.FAST, Speed.TURBO, Speed.DRAFT, Speed.RELAXED)
    reported = {mode: tuple(price(mode, speed) for speed in direct) for mode in Mode}
    diffusion = (Decimal("0.20"), Decimal("0.40"), Decimal("0.10"), Decimal("0.20"))
    assert reported == {
        M.TEXT_TO_IMAGE: diffusion,
        M.IMAGE_TO_IMAGE: diffusion,
        M.IMAGE_EDIT: (Decimal("0.30"), Decimal("0.60"), None, Decimal("0.30")),
        # These have no speed: what is said of it changes nothing.
        M.VARY: (Decimal("0.30"),) * 4,
        M.UPSCALE: (Decimal("0.30"),) * 4,
        M.REROLL: (None,) * 4,
        M.ENHANCE: (None,) * 4,
    }
    hd: JsonObject = {"mode": M.TEXT_TO_IMAGE, "speed": Speed.FAST, "version": "8.1", "is_hd": True}
    assert table.quote(hd) == Decimal("0.30")
    assert len(table.prices) == 12


ONCE = {
    "the ratios": r"""["']5:6["']""",
    "a limit of prompts": r"[=>]\s*7_?500\b",
    "a fail code": r"""["'](Website TimeOut|PromptInvalid|INSUFFICIENT_CREDITS)["']""",
    "the version of drafts": r"""version[^\n]{0,20}==\s*["']7["']""",
    "the meaning of a status": r"upstream provider error",
    "the options of types": r"\(0, 1, 2, 3\)",
}


def test_a_fact_of_the_page_is_written_in_the_contract_alone() -> None:
    package = Path(str(mjpipe.__file__)).parent
    sources = {path.relative_to(package).as_posix(): path.read_text("utf-8") for path in package.rglob("*.py")}
    found = {fact: [name for name, text in sources.items() if re.search(form, text)] for fact, form in ONCE.items()}
    assert found == {
        "the ratios": ["contract/fields.py"],
        "a limit of prompts": ["contract/fields.py"],
        "a fail code": ["contract/answers.py"],
        "the version of drafts": [],
        "the meaning of a status": ["contract/answers.py"],
        "the options of types": ["contract/fields.py"],
    }


def test_no_code_outside_the_contract_asks_for_a_kind_or_a_mode_by_its_name() -> None:
    """What differs between kinds is a fact in the contract: a new one would be forgotten in a branch elsewhere."""
    package = Path(str(mjpipe.__file__)).parent
    named = {
        path.relative_to(package).as_posix(): set(re.findall(r"\b(?:Kind|Mode)\.[A-Z_]+\b", path.read_text("utf-8")))
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0] != "contract"
    }
    painted = named.pop("sandbox/pictures/painting.py")
    assert painted == {f"Mode.{mode.name}" for mode in Mode if not mode.facts.repeats_source}
    # A person's reroll of a job is sent in that mode, whatever the job's node is.
    assert set().union(*named.values()) == {"Mode.REROLL"}
