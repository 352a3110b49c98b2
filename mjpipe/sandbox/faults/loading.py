"""Reads a faults file."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mjpipe.contract import Mode
from mjpipe.domain import UsageFault, bundled_folder, reason_of
from mjpipe.files import read_regular
from mjpipe.sandbox.faults.fault_rules import At, Do, Fault, Faults, Rule

LARGEST = 1 << 20
"""Bytes of a faults file."""


def load_faults(path: Path) -> Faults:
    """Raises UsageFault with every mistake when the file cannot be read or is not a faults file."""
    import yaml  # noqa: PLC0415 - only a sandbox with faults needs it, and the one below

    try:
        document = yaml.safe_load(read_regular(path, LARGEST).decode())
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else error
        raise UsageFault(f"the faults file `{path}` cannot be read: {reason}") from error
    problems = list(_mistakes(document))
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise UsageFault(f"`{path}` is not a faults file:\n{lines}", help="mjpipe schema faults")
    return Faults(seed=document.get("seed", 0), rules=tuple(_rule(entry) for entry in document["rules"]))


def _mistakes(document: Any) -> Iterable[str]:
    import jsonschema  # noqa: PLC0415 - as above

    schema = json.loads((bundled_folder("schemas") / "faults.schema.json").read_text("utf-8"))
    for error in sorted(jsonschema.Draft202012Validator(schema).iter_errors(document), key=lambda e: list(e.path)):
        yield f"{error.json_path.removeprefix('$.')}: {error.message}"


def _rule(entry: Mapping[str, Any]) -> Rule:
    settings = {name: entry[name] for name in Fault.__dataclass_fields__ if name in entry}
    return Rule(
        at=At(entry["at"]),
        fault=Fault(**{**settings, "do": Do(entry["do"])}),
        nth=numbers(entry.get("nth")),
        each=numbers(entry.get("each")),
        chance=entry.get("chance", 1),
        times=entry.get("times"),
        lasts=entry.get("lasts", 0),
        mode=Mode(entry["mode"]) if "mode" in entry else None,
        prompt=entry.get("prompt"),
    )


def numbers(written: Any) -> frozenset[int] | None:
    """The numbers in `3`, in `3-9`, or in a list of them."""
    if written is None:
        return None
    counted: set[int] = set()
    for item in written if isinstance(written, list) else [written]:
        first, _, last = str(item).partition("-")
        counted.update(range(int(first), int(last or first) + 1))
    return frozenset(counted)
