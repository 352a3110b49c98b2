"""Saved plans: what they were made from, and whether they still fit."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from mjpipe.domain import UsageFault, Usd, bundled_folder, counted, dollars, one_line, printable, reason_of, usd
from mjpipe.files import read_regular
from mjpipe.plan.outcome.figures import Figures
from mjpipe.plan.outcome.formats.plan_json import plan_document
from mjpipe.plan.outcome.selection.part_as_typed import WHOLE_PLAN, PartAsTyped
from mjpipe.plan.outcome.summary import PlanSummary

SAVED_VERSION = 1

LARGEST = 16 << 20
"""Bytes of a saved plan. It has a line for each node, and with `--by` for each value of a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a plan was made from: SHA-256 of the manifest and of each input by its path relative to the manifest, the
    price table's source and date, and a text that stands for what the state knew.
    """

    manifest: str
    inputs: Mapping[str, str]
    prices: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """`path` is the file that it was read from, `plan` the document of `mjpipe plan --json`, of the `part` that was
    asked for.
    """

    path: Path
    origin: Origin
    part: PartAsTyped = WHOLE_PLAN
    plan: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The same for each copy of the file."""
        return sha256(
            json.dumps([asdict(self.origin), self.part.document(), self.plan], sort_keys=True).encode()
        ).hexdigest()

    @property
    def to_submit(self) -> int:
        return int(self.plan["jobs"]["to_submit"])

    @property
    def high(self) -> Usd:
        return usd(self.plan["cost"]["high_usd"])

    @property
    def most_unpriced(self) -> int:
        return int(self.plan["cost"]["unpriced_jobs"]) + int(self.plan["behind_picks"]["unpriced_jobs"])


def origin_of(source: str, files: Mapping[str, str], *, prices: str, state: str) -> Origin:
    """`source` is the manifest's text, `files` the SHA-256 of what was read besides, by the names in messages."""
    return Origin(
        manifest=sha256(source.encode()).hexdigest(),
        inputs=files,
        prices=prices,
        state=state,
    )


def saved_document(summary: PlanSummary, origin: Origin, part: PartAsTyped = WHOLE_PLAN) -> dict[str, Any]:
    """What `mjpipe plan --out` writes about a part of the plan."""
    made_from = {
        "manifest": origin.manifest,
        "inputs": dict(origin.inputs),
        "prices": origin.prices,
        "state": origin.state,
    }
    of_part = {} if part.is_whole else {"part": part.document()}
    return {"saved_plan": SAVED_VERSION, "made_from": made_from, **of_part, "plan": plan_document(summary)}


def load_saved(path: Path) -> SavedPlan:
    """Reads a saved plan. Raises UsageFault when the file is not one."""
    remedy = "save one: mjpipe plan M --out FILE"
    try:
        document = json.loads(read_regular(path, LARGEST))
    except OSError as fault:
        raise UsageFault(f"`{path}` cannot be read: {reason_of(fault)}", help=remedy) from fault
    except (ValueError, RecursionError) as fault:
        raise UsageFault(f"`{path}` is not a saved plan: it is not JSON", help=remedy) from fault
    version = document.get("saved_plan") if isinstance(document, dict) else None
    if isinstance(version, int) and version > SAVED_VERSION:
        raise UsageFault(
            f"`{path}` was saved by a newer release of mjpipe", help="save it again: mjpipe plan M --out FILE"
        )
    mistake = _mistake(document)
    if mistake is not None:
        raise UsageFault(f"`{path}` is not a saved plan: {mistake}", help=remedy)
    return SavedPlan(
        path=path,
        origin=Origin(**document["made_from"]),
        part=PartAsTyped.of_document(document.get("part", {})),
        plan=document["plan"],
    )


def _mistake(document: Any) -> str | None:
    """How the document differs from `schemas/saved-plan.schema.json`, None if it does not."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow, and only for a saved plan
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - as above

    error = best_match(Draft202012Validator(_schema()).iter_errors(document))
    if error is not None:
        return one_line(f"{error.json_path}: {error.message}", 200)
    try:
        for tally in (document["plan"], *document["plan"]["nodes"], *document["plan"].get("by", {}).get("groups", ())):
            Figures.of(tally)
    except ValueError as fault:  # a sum that is too large
        return one_line(str(fault), 200)
    return None


def _schema() -> dict[str, Any]:
    """The schema of saved plans with the schema of plans embedded, so that nothing is looked up elsewhere."""
    saved, plan = (
        json.loads((bundled_folder("schemas") / f"{name}.schema.json").read_text("utf-8"))
        for name in ("saved-plan", "plan")
    )
    return {**saved, "$defs": {**saved["$defs"], "plan": {**plan, "$id": "plan.schema.json"}}}


def edited_since(saved: SavedPlan, origin: Origin) -> list[str]:
    """Which of the files that a plan is made from are no longer what they were when it was saved."""
    before = saved.origin
    names = sorted({*before.inputs, *origin.inputs})
    return (["the manifest has changed"] if before.manifest != origin.manifest else []) + [
        f"`{printable(name)}` has changed" for name in names if before.inputs.get(name) != origin.inputs.get(name)
    ]


def changes_since(saved: SavedPlan, origin: Origin, summary: PlanSummary, *, begun: bool) -> list[str]:
    """Why a run would now differ from a saved plan; empty if it would not. `begun` says that runs of this plan, and
    nothing else, may have changed what the state knows.
    """
    before = saved.origin
    reasons = edited_since(saved, origin)
    if before.prices != origin.prices:
        reasons.append(f"prices are those of {origin.prices}, not of {one_line(before.prices)}")
    if before.state != origin.state and not begun:
        reasons.append("the campaign has been run since this plan was saved")
    if summary.to_submit > saved.to_submit:
        reasons.append(f"{counted(summary.to_submit, 'job')} would be submitted, not {saved.to_submit:,}")
    if summary.high > saved.high:
        reasons.append(f"it would cost up to {dollars(summary.high)}, not {dollars(saved.high)}")
    return reasons
