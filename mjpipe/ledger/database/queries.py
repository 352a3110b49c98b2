"""Named queries: SQL that is longer than a line stands in a `.sql` file beside the module that asks it."""

import re
from collections.abc import Mapping
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def queries(package: str, file: str) -> Mapping[str, str]:
    """The statements of a file by their names. Each follows a line `-- name: NAME`."""
    _, *named = _NAME.split((resources.files(package) / file).read_text("utf-8"))
    return dict(zip(named[::2], named[1::2], strict=True))
