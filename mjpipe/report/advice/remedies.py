"""What a person can do about jobs that a run will not finish by itself."""

import re
import shlex

from mjpipe.contract import FAIL_CODES, fail_code
from mjpipe.domain import IMAGES_GONE, JobState
from mjpipe.ledger import SOURCE_GONE, SOURCE_UNREACHABLE

_LATER = "the service may recover: `mjpipe run M --retry-failed` submits again"

_BY_HTTP_CODE = {
    "400": "correct the params or image URLs that the message names; `mjpipe show M KEY` prints the request",
    "403": "change the prompt or the source image: the service refused its content",
    "404": "check APIXO_BASE_URL and the source's task: the service does not know what the request names",
    "429": _LATER,
    "500": _LATER,
    "502": _LATER,
    "503": _LATER,
    "504": _LATER,
}
"""By the code of the HTTP answer or of its envelope (seed page, HTTP errors)."""

_BY_OUR_CODE = {
    IMAGES_GONE: "the price stays spent; `mjpipe run M --retry-failed` asks for them once more, which costs nothing;"
    " `mjpipe run M --select KEY --buy-again USD` pays that price again",
    "place_taken": "move the file that is there, or change `outputs.path`; then run again, which costs nothing",
    "name_refused": "change `outputs.path` or the names in it; then run again, which costs nothing",
    "image_missing": "choose an image that came; `mjpipe show M` with the key of its source lists them",
    SOURCE_GONE: "make its source again (`mjpipe pick M --reroll` with the key of the source), or publish the"
    " file that you have and name its URL in `image_urls`",
    SOURCE_UNREACHABLE: "`mjpipe run M --retry-failed` asks again; nothing was sent",
    "not_offered": "the service offers other follow-ups there: change the node's `kind`, `type` or `from`",
}


_COMMAND = re.compile(r"(?<=mjpipe )([a-z]+) M\b")


def with_campaign_typed(text: str, typed: str, *, key: str | None = None) -> str:
    """`text` with the campaign as it was `typed` in place of the `M` of its commands, and the `key` of a job, if there
    is one, in place of their `KEY`.
    """
    if key is not None:
        text = re.sub(r"\bKEY\b", lambda _: shlex.quote(key), text)
    return _COMMAND.sub(lambda command: f"{command[1]} {typed}", text)


def remedy(state: JobState, code: str | None) -> str:
    """What to do about a job in `state` for the reason `code`."""
    code = (code or "").removeprefix("http_")
    match state:
        case JobState.IN_DOUBT:
            return "`mjpipe resolve M` shows what is known, and settles it"
        case JobState.SUCCEEDED:
            return _BY_OUR_CODE.get(code) or "run again: nothing is paid twice, only fetched"
        case _ if code in FAIL_CODES and FAIL_CODES[code].retryable:
            return _LATER  # the table's advice is for a job that still has attempts left
        case _:
            return _BY_OUR_CODE.get(code) or _BY_HTTP_CODE.get(code) or fail_code(code).advice
