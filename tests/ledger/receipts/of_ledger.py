"""The receipts of a ledger, made of its rows as they are."""

import hashlib
import json
from collections.abc import Iterator

from mjpipe.domain import decimal_text, from_micros, iso
from mjpipe.ledger import Ledger
from mjpipe.ledger.receipts import RecordedAttempt
from mjpipe.ledger.receipts.folding import Fold
from mjpipe.ledger.receipts.parsing import parse

_ROWS = """
SELECT a.id, a.uid, j.node, j.key, j.fingerprint, a.body, s.key, m.task, j.source_number, a.price, a.intended,
       a.answered, a.outcome, a.money, a.task, a.finished, a.fail_code, j.set_aside, j.source
FROM attempts a JOIN jobs j ON j.id = a.job LEFT JOIN jobs s ON s.id = j.source LEFT JOIN attempts m ON m.id = j.made_of
ORDER BY a.id
"""


def receipt_lines(ledger: Ledger) -> list[str]:
    return [json.dumps(line) for line in _lines(ledger)]


def sha256_of(words: str) -> str:
    """The images of these tests are hashed with words of any kind."""
    return hashlib.sha256(words.encode()).hexdigest()


def recorded(lines: list[str]) -> list[RecordedAttempt]:
    fold = Fold()
    for line in lines:
        fold.take(parse(line.encode()))
    return [*fold.attempts()]


def _lines(ledger: Ledger) -> Iterator[dict[str, object]]:
    for row in ledger.connection.execute(_ROWS).fetchall():
        (attempt, uid, node, key, print_, body, of, of_task, number, price, intended, answered, outcome, money, task,
         finished, code, aside, source) = row  # fmt: skip
        sent = json.loads(body)["input"]
        rerolls = sent.get("taskId") if sent["mode"] == "reroll" and sent.get("taskId") != of_task else None
        facts = {
            "mjpipe": 1, "host": "api.test", "campaign": "spring", "attempt": uid, "node": node, "key": key,
            "fingerprint": print_, "mode": sent["mode"], "speed": sent.get("speed"), "rerolls": rerolls, "task": task,
            "source": None if source is None else {"key": of, "task": of_task, "number": number},
            "price": None if price is None else decimal_text(from_micros(price)),
        }  # fmt: skip

        def said(event: str, at: float, **values: object) -> dict[str, object]:
            return {**facts, "event": event, "at": iso(at), **values}  # noqa: B023 - used at once

        yield said("intent", intended)
        if outcome is not None:
            yield said("answered", answered, outcome=outcome, money=money)
        images = ledger.connection.execute(
            "SELECT number, path, sha256, size FROM images WHERE attempt = ? ORDER BY number", (attempt,)
        ).fetchall()
        if finished is not None:
            ended = {"code": code or "unknown"} if code is not None or not images else {"images": len(images)}
            yield said("ended", finished, money=money, **ended)
        for image in images:
            if image[1] is not None:
                number, path, content, size = image
                placed = {"number": number, "path": path, "sha256": sha256_of(content), "size": size}
                yield said("placed", finished, images=[placed])
        if aside:
            yield said("set_aside", intended)
