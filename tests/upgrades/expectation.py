"""What is expected of a state that an older mjpipe wrote: what the code of its day said of it."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """`before` is what is `seen` of the state as it was packed, `after` the same once another run has gone through it,
    with that run's exit `code`; None for a state of a service that is no longer there.
    """

    manifest: str
    sandbox: bool
    before: dict[str, Any]
    after: dict[str, Any] | None

    @classmethod
    def read(cls, path: Path) -> Self:
        document = json.loads(path.read_text("utf-8"))
        return cls(
            manifest=document["manifest"], sandbox=document["sandbox"], before=document["plan"], after=document["run"]
        )

    def document(self) -> dict[str, Any]:
        return {"manifest": self.manifest, "sandbox": self.sandbox, "plan": self.before, "run": self.after}


def seen(home: Path, plan: dict[str, Any], status: dict[str, Any]) -> dict[str, Any]:
    """What must not change: by `plan --json`, `status --json`, and how many images there are."""
    money = status["money"]
    return {
        "to_submit": plan["jobs"]["to_submit"],
        "cost": {name: plan["cost"][name] for name in ("low_usd", "high_usd", "reused_usd", "unpriced_jobs")},
        "planned": _counted(plan["jobs"]),
        "orphaned": plan["orphaned"],
        "jobs": _counted(status["jobs"]),
        "money": {name: money[name] for name in ("spent", "reserved", "at_risk", "unpriced")},
        "images": len(images(home)),
    }


def _counted(jobs: dict[str, int]) -> dict[str, int]:
    return {state: count for state, count in jobs.items() if count and state not in ("total", "to_submit")}


def images(home: Path) -> dict[str, str]:
    """SHA-256 of each image that a line of `assets.jsonl` names, by its path. It is on disk, and is the one named."""
    on_disk: dict[str, str] = {}
    for assets in sorted(home.glob("out*/**/assets.jsonl")):
        for line in map(json.loads, assets.read_text("utf-8").splitlines()):
            path = assets.parent / line["path"]
            digest = sha256(path.read_bytes()).hexdigest()
            assert digest == line["sha256"], path
            on_disk[path.relative_to(home).as_posix()] = digest
    return on_disk
