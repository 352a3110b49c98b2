"""Other manifests in the folder of a manifest."""

import re
from pathlib import Path

from mjpipe.files import read_regular

_LARGEST = 1 << 24
"""Bytes of a manifest."""

_CAMPAIGN = re.compile(rb"""(?:^|[{,])[ \t]*["']?campaign["']?[ \t]*:[ \t]*["']?([^"'#,}\s]+)""", re.MULTILINE)
"""Names of campaigns have no spaces and no quotes."""


def campaigns_beside(manifest: Path) -> frozenset[str]:
    """The campaigns of the other manifests in its folder, as far as they can be read without understanding them."""
    try:
        paths = [path for path in manifest.parent.iterdir() if path.suffix in (".yaml", ".yml")]
    except OSError:
        return frozenset()
    return frozenset(name for path in paths if path.name != manifest.name for name in _campaigns_of(path))


def _campaigns_of(path: Path) -> list[str]:
    try:
        return [name.decode("utf-8", "replace") for name in _CAMPAIGN.findall(read_regular(path, _LARGEST))]
    except (OSError, ValueError):
        return []
