"""Named queries: SQL that is longer than a line stands in a `.sql` file beside the module that asks it."""

import re
from collections.abc import Mapping
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def queries(module: str) -> Mapping[str, str]:
    """The statements of the module's `.sql` file by their names; `module` is its `__file__`.

    Each follows a line `-- name: NAME`.
    """
    # Not by `importlib.resources`: loading that takes longer than all files together.
    _, *named = _NAME.split(Path(module).with_suffix(".sql").read_text("utf-8"))
    return dict(zip(named[::2], named[1::2], strict=True))
