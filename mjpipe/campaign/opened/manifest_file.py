"""The manifest that a person means who names its folder."""

import re
import shlex
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from mjpipe.domain import UsageFault
from mjpipe.files import read_regular
from mjpipe.manifest import LARGEST_MANIFEST

_NAMED = 5
"""Manifests that a message names."""

_FOLDERS = 200
"""Folders in which a manifest is looked for when the one that was typed has none."""

_FORMAT_KEY = re.compile(rb"^(?:\xef\xbb\xbf)?(?:\{\s*)?[\"']?mjpipe[\"']?\s*:", re.MULTILINE)
"""Only a manifest has the key `mjpipe` at its top level; picks, prices and faults are YAML or CSV without it."""


def manifest_file(typed: Path) -> Path:
    """`typed` itself, or the only manifest in it if it is a folder. Raises UsageFault if it has several, or none."""
    if not typed.is_dir():
        return typed
    found = _manifests_in(typed)
    if len(found) == 1:
        return found[0]
    if found:
        more = ", …" if len(found) > _NAMED else ""
        names = ", ".join(f"`{file.name}`" for file in found[:_NAMED])
        raise UsageFault(f"`{typed}` has {len(found):,} manifests: {names}{more}", help=f"type one: `{found[0]}`")
    raise UsageFault(f"`{typed}` is a folder without a manifest", help=_help(typed))


def _help(folder: Path) -> str:
    below = next(filter(None, map(_manifests_in, islice(_folders_in(folder), _FOLDERS))), None)
    if below is not None:
        return f"did you mean `{below[0] if len(below) == 1 else below[0].parent}`?"
    return f"a manifest is a YAML file that begins with `mjpipe: 1`; `mjpipe init {shlex.quote(str(folder))}` makes one"


def _manifests_in(folder: Path) -> list[Path]:
    return [file for file in _sorted(folder) if file.suffix.lower() in (".yaml", ".yml") and _is_manifest(file)]


def _folders_in(folder: Path) -> Iterable[Path]:
    return (path for path in _sorted(folder) if path.is_dir() and not path.name.startswith("."))


def _sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_manifest(file: Path) -> bool:
    try:
        return _FORMAT_KEY.search(read_regular(file, LARGEST_MANIFEST)) is not None
    except OSError:
        return False
