"""What was sent for a task."""

import json

from mjpipe.domain import JsonObject
from mjpipe.ledger import AttemptRecord


def sent_input(attempt: AttemptRecord) -> JsonObject:
    """The `input` object as it was sent.

    What stands beside it in the body is left out: a callback URL bears the token by which its attempt is known.
    """
    body: dict[str, JsonObject] = json.loads(attempt.body)
    return body["input"]
