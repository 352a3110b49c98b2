"""The body of a submission."""

import json

from mjpipe.domain import JsonObject


def submission_body(input: JsonObject, *, callback_url: str | None = None) -> bytes:  # noqa: A002 - the API's word
    """The request as it is sent: compact, keys sorted, ASCII, so that equal requests are equal bytes.

    `input` is the request of one of the seven modes, with its taskId if it is a follow-up. With `callback_url` the
    service sends the result there (`callback`); without it the status call fetches it (`async`) (seed page, Request
    body).
    """
    request: dict[str, object] = {"request_type": "async", "input": input}
    if callback_url is not None:
        request |= {"request_type": "callback", "callback_url": callback_url}
    return json.dumps(request, default=dict, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
