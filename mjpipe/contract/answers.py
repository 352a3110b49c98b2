"""What the service's answers mean: HTTP codes, task states and fail codes (seed page, Errors; API notes)."""

from dataclasses import dataclass
from enum import StrEnum


class TaskState(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    SUCCESS = "success"
    FAILED = "failed"


ACCEPTED = 200
"""The envelope's code of a request that was carried out."""

HTTP_MEANINGS = {
    400: "invalid request body, mode, parameter, prompt, or image URL",
    401: "missing or invalid API key",
    402: "insufficient balance or quota",
    403: "the key or route cannot access the model",
    404: "unknown task",  # API notes, error-codes
    429: "rate or concurrency limit reached",
    500: "server error",
    502: "upstream provider error",
    503: "model unavailable for now",  # API notes, error-codes
    504: "upstream timeout",
}

NOT_ACCEPTED_CODES = frozenset({429, 500, 502, 503})
"""In the service's envelope these say that no task was made, and that a later try may do better."""

TASK_ID = "taskId"
"""The field of `input` that names the source task of vary, upscale, reroll and enhance."""
IMAGE_INDEX = "imageIndex"
"""The field of `input` that chooses one image of the source task, 0-based."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailCode:
    """Why an accepted task failed. `retryable` says whether the same request may do better later,
    `stops` that no request will do better before a person acts.
    """

    code: str
    meaning: str
    advice: str
    retryable: bool = False
    stops: bool = False


def _table(*codes: FailCode) -> dict[str, FailCode]:
    return {fail.code: fail for fail in codes}


FAIL_CODES = _table(
    FailCode(code="PromptInvalid", meaning="the provider rejected the prompt", advice="rewrite the prompt"),
    FailCode(code="MissingParameter", meaning="a required parameter is missing", advice="check the params of the node"),
    FailCode(
        code="SensitiveContentDetected",
        meaning="input or output was flagged by the safety checks",
        advice="change the prompt or the source image",
    ),
    FailCode(
        code="InputOutputSensitiveContentDetected",
        meaning="input or output was flagged as sensitive",
        advice="try different inputs",
    ),
    FailCode(
        code="Upload error",
        meaning="an image could not be uploaded, or its size was refused",
        advice="use a public direct image URL within the size limits",
    ),
    FailCode(
        code="Website TimeOut",
        meaning="the Midjourney site did not respond",
        advice="it is tried again",
        retryable=True,
    ),
    FailCode(code="Task TimeOut", meaning="the upstream task timed out", advice="it is tried again", retryable=True),
    FailCode(
        code="RateLimitExceeded",
        meaning="an upstream rate limit was reached",
        advice="it is tried again",
        retryable=True,
    ),
    # Seen on older pages only (API notes, error-codes).
    FailCode(
        code="CONTENT_VIOLATION", meaning="the content was refused", advice="change the prompt or the source image"
    ),
    FailCode(code="NSFW_DETECTED", meaning="the content was flagged", advice="change the prompt or the source image"),
    FailCode(code="PROMPT_TOO_LONG", meaning="the prompt is too long", advice="shorten the prompt"),
    FailCode(code="INVALID_PROMPT", meaning="the prompt is invalid", advice="rewrite the prompt"),
    FailCode(code="INVALID_IMAGE_URL", meaning="an image URL is invalid", advice="use a public direct image URL"),
    FailCode(code="IMAGE_TOO_LARGE", meaning="an image is too large", advice="use a smaller image"),
    FailCode(code="UNSUPPORTED_FORMAT", meaning="an image has an unsupported format", advice="use PNG or JPEG"),
    FailCode(
        code="IMAGE_DOWNLOAD_FAILED", meaning="an image could not be fetched", advice="use a public direct image URL"
    ),
    FailCode(code="PROCESSING_TIMEOUT", meaning="processing timed out", advice="it is tried again", retryable=True),
    FailCode(code="MODEL_UNAVAILABLE", meaning="the model was unavailable", advice="it is tried again", retryable=True),
    FailCode(code="GENERATION_FAILED", meaning="the generation failed", advice="it is tried again", retryable=True),
    FailCode(
        code="INSUFFICIENT_CREDITS", meaning="the account has too little credit", advice="add balance", stops=True
    ),
)


def fail_code(code: str) -> FailCode:
    """What a fail code means; an unknown one counts as not worth repeating (API notes)."""
    return FAIL_CODES.get(
        code,
        FailCode(code=code, meaning="a code that no page documents", advice="look at the message, then --retry-failed"),
    )
