"""Reads the rest of a manifest: names, limits, polling, outputs, picks and receipts."""

import re
from collections.abc import Iterator
from pathlib import Path

from mjpipe.domain import Diagnostic, Severity
from mjpipe.manifest.document.text import Text
from mjpipe.manifest.document.tree import Map
from mjpipe.manifest.model import OUTPUT_FOLDERS, Limits, Outputs, Polling
from mjpipe.manifest.sections.dollar_amounts import amount
from mjpipe.manifest.sections.inputs import below

_CAMPAIGN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_SANDBOX = ".sandbox"
_NOT_ON_WINDOWS = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)|.*\.$", re.IGNORECASE)
NO_RECEIPTS = "none"
STATES = ".mjpipe"


def campaign_mistakes(top: Map) -> Iterator[Diagnostic]:
    name = top.text("campaign")
    if name is not None:
        yield from _name_mistakes(name)


def former_campaign_mistakes(top: Map, campaign: str) -> Iterator[Diagnostic]:
    for name in top.names("was"):
        if name.source == campaign:
            message, help_text = f"`{campaign}` is the campaign's name", "remove it: `was` is for a renamed campaign"
            yield Diagnostic(place=name.place, code="MJ027", message=message, help=help_text)
        else:
            yield from _name_mistakes(name)


def _name_mistakes(name: Text) -> Iterator[Diagnostic]:
    if not _CAMPAIGN.fullmatch(name.source):
        message = f"`{name.source}` is not a valid campaign name"
        help_text = "it names a folder: use letters, digits, `.`, `_` and `-`, no dot or dash first"
        yield Diagnostic(place=name.place, code="MJ016", message=message, help=help_text)
    elif name.source.casefold().endswith(_SANDBOX):
        message = f"a campaign's name cannot end in `{_SANDBOX}`"
        help_text = "that folder is for sandbox runs of the campaign without it"
        yield Diagnostic(place=name.place, code="MJ016", message=message, help=help_text)
    elif _NOT_ON_WINDOWS.match(name.source):
        message = f"Windows cannot have a folder `{name.source}`"
        help_text = "rename the campaign if somebody may run it there; `was:` keeps its results"
        place = name.place
        yield Diagnostic(place=place, code="MJ016", message=message, help=help_text, severity=Severity.WARNING)


def read_former_campaigns(top: Map, campaign: str) -> tuple[str, ...]:
    """The names in `was` that can be those of folders."""
    names = dict.fromkeys(name.source for name in top.names("was"))
    return tuple(name for name in names if name != campaign and _CAMPAIGN.fullmatch(name))


def read_limits(limits: Map) -> tuple[Limits, list[Diagnostic]]:
    usual = Limits()
    written = limits.text("budget")
    budget = amount(written.source, written.place, "`budget`") if written else None
    mistakes = [budget] if isinstance(budget, Diagnostic) else []
    return Limits(
        concurrency=limits.integer("concurrency") or usual.concurrency,
        requests_per_second=limits.number("requests_per_second") or usual.requests_per_second,
        downloads=limits.integer("downloads") or usual.downloads,
        max_attempts=limits.integer("max_attempts") or usual.max_attempts,
        task_timeout=limits.number("task_timeout") or usual.task_timeout,
        budget=None if isinstance(budget, Diagnostic) else budget,
        hold_on_gateway_timeout=limits.written("on_gateway_timeout") == "hold",
    ), mistakes


def read_polling(polling: Map) -> Polling | None:
    first_after, interval = polling.number("first_after"), polling.number("interval")
    if first_after is None or interval is None:
        return None
    return Polling(first_after=first_after, interval=interval)


def read_outputs(outputs: Map, folder: Path, campaign: str) -> Outputs:
    given = outputs.written("dir")
    return Outputs(
        dir=below(folder, given or f"{OUTPUT_FOLDERS}/{campaign}"), path=outputs.text("path"), given=given is not None
    )


def read_picks_path(top: Map, folder: Path) -> Path:
    return below(folder, top.written("picks") or "picks.csv")


def read_receipts(top: Map, manifest: Path) -> Path | None:
    """The folder of the receipts, None for `none`."""
    written = top.written("receipts")
    if written == NO_RECEIPTS:
        return None
    return below(manifest.parent, written or f"{manifest.stem}.receipts")


def receipts_mistakes(top: Map, receipts: Path | None, outputs: Path, folder: Path) -> Iterator[Diagnostic]:
    """`folder` is the manifest's. An output folder that has the manifest in it is never removed as a whole."""
    name = top.text("receipts")
    if name is None or receipts is None:
        return
    disposable = {"the output folder": outputs, "the folder of the states": folder / STATES}
    for called, path in disposable.items():
        if receipts.is_relative_to(path) and not folder.is_relative_to(path):
            message = f"`receipts: {name.source}` is in {called}: both would be lost together"
            help_text = f"name a folder of its own, or leave `receipts` out; `receipts: {NO_RECEIPTS}` writes none"
            yield Diagnostic(place=name.place, code="MJ043", message=message, help=help_text)
