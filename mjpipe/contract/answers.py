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
"""In the service's envelope these mean that no task was made, and that a later try may succeed."""

TASK_ID = "taskId"
"""The field of `input` that names the source task, where a mode starts from a task."""
IMAGE_INDEX = "imageIndex"
"""The field of `input` that chooses one image of the source task, 0-based."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailCode:
    """Why an accepted task failed.

    With `retryable` the same request may succeed later; with `stops` no request will succeed until a person acts.
    """

    code: str
    meaning: str
    advice: str
    retryable: bool = False
    stops: bool = False


def _table(*codes: FailCode) -> dict[str, FailCode]:
    return {fail.code: fail for fail in codes}


INPUT_IMAGE_FORMATS = ("JPEG", "PNG", "WebP")
INPUT_IMAGE_BYTES = 10_000_000
"""The service reads images of these formats, below this size (API notes, error-codes and parameters)."""

_RETRIED = "it is tried again"
_OTHER_CONTENT = "change the prompt or the source image"
_OTHER_IMAGE = (
    f"use a public direct URL of a {', '.join(INPUT_IMAGE_FORMATS[:-1])} or {INPUT_IMAGE_FORMATS[-1]} "
    f"under {INPUT_IMAGE_BYTES // 1_000_000} MB"
)

FAIL_CODES = _table(
    FailCode(code="PromptInvalid", meaning="the provider rejected the prompt", advice="rewrite the prompt"),
    FailCode(code="MissingParameter", meaning="a required parameter is missing", advice="check the params of the node"),
    FailCode(
        code="SensitiveContentDetected",
        meaning="input or output was flagged by the safety checks",
        advice=_OTHER_CONTENT,
    ),
    FailCode(
        code="InputOutputSensitiveContentDetected",
        meaning="input or output was flagged as sensitive",
        advice="try different inputs",
    ),
    FailCode(
        code="Upload error",
        meaning="an image could not be uploaded, or its size was refused",
        advice=_OTHER_IMAGE,
    ),
    FailCode(code="Website TimeOut", meaning="the Midjourney site did not respond", advice=_RETRIED, retryable=True),
    FailCode(code="Task TimeOut", meaning="the upstream task timed out", advice=_RETRIED, retryable=True),
    FailCode(code="RateLimitExceeded", meaning="an upstream rate limit was reached", advice=_RETRIED, retryable=True),
    # On another page of today (API notes, errors).
    FailCode(code="SensitiveContent", meaning="the content was flagged as sensitive", advice=_OTHER_CONTENT),
    FailCode(
        code="InputImageSensitiveContentDetected",
        meaning="a source image was flagged as sensitive",
        advice="use another source image",
    ),
    FailCode(code="NSFW", meaning="the content was flagged", advice=_OTHER_CONTENT),
    FailCode(code="ProhibitedContentDetected", meaning="the content is prohibited", advice=_OTHER_CONTENT),
    FailCode(code="PromptLengthExceeded", meaning="the prompt is too long", advice="shorten the prompt"),
    # Seen on older pages only (API notes, error-codes).
    FailCode(code="CONTENT_VIOLATION", meaning="the content was refused", advice=_OTHER_CONTENT),
    FailCode(code="NSFW_DETECTED", meaning="the content was flagged", advice=_OTHER_CONTENT),
    FailCode(code="PROMPT_TOO_LONG", meaning="the prompt is too long", advice="shorten the prompt"),
    FailCode(code="INVALID_PROMPT", meaning="the prompt is invalid", advice="rewrite the prompt"),
    FailCode(code="INVALID_IMAGE_URL", meaning="an image URL is invalid", advice=_OTHER_IMAGE),
    FailCode(code="IMAGE_TOO_LARGE", meaning="an image is too large", advice=_OTHER_IMAGE),
    FailCode(code="UNSUPPORTED_FORMAT", meaning="an image has an unsupported format", advice=_OTHER_IMAGE),
    FailCode(code="IMAGE_DOWNLOAD_FAILED", meaning="an image could not be fetched", advice=_OTHER_IMAGE),
    FailCode(code="PROCESSING_TIMEOUT", meaning="processing timed out", advice=_RETRIED, retryable=True),
    FailCode(code="MODEL_UNAVAILABLE", meaning="the model was unavailable", advice=_RETRIED, retryable=True),
    FailCode(code="GENERATION_FAILED", meaning="the generation failed", advice=_RETRIED, retryable=True),
    FailCode(
        code="INSUFFICIENT_CREDITS", meaning="the account has too little credit", advice="add balance", stops=True
    ),
)


IMAGE_NOT_READ = frozenset({"Upload error", "INVALID_IMAGE_URL", "IMAGE_DOWNLOAD_FAILED"})
"""Fail codes of a task that could not read an image at its URL."""


def fail_code(code: str) -> FailCode:
    """What a fail code means; an unknown one counts as not retryable (API notes)."""
    return FAIL_CODES.get(
        code,
        FailCode(code=code, meaning="an undocumented code", advice="read the message, then use --retry-failed"),
    )
