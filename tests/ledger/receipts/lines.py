"""Lines of receipts for tests."""

import json
from typing import Any

FACTS: dict[str, Any] = {
    "host": "api.apixo.ai",
    "campaign": "spring",
    "attempt": "00000000000000aa",
    "node": "hero",
    "key": "hero/T-1",
    "fingerprint": "f" * 64,
    "mode": "text-to-image",
    "speed": "fast",
    "price": "0.20",
}


def line(event: str, second: float = 0, **values: Any) -> str:
    """A line of a minute, about an attempt; None leaves a fact out."""
    said = {"mjpipe": 1, "event": event, "at": f"2026-11-27T20:00:{second:06.3f}Z", **FACTS, **values}
    return json.dumps({name: value for name, value in said.items() if value is not None}, separators=(",", ":")) + "\n"


def moment(second: float) -> float:
    """The time of such a line."""
    return 1795809600.0 + second


def image(number: int = 0, **values: Any) -> dict[str, Any]:
    return {"number": number, "path": f"hero/{number}.png", "sha256": "a" * 64, "size": 10, **values}
