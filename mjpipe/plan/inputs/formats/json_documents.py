"""JSON that is no JSON Lines: one document with the rows inside it, and objects over several lines."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MOST_READ = 16 << 20
"""Characters of a document that are read to say what it is."""


def rows_within(document: Mapping[str, Any], names: Sequence[str] = ()) -> str | None:
    """The member of an object that is a list of objects; with `names`, of objects that have these. None without one."""
    wanted = {*names}
    for name, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict) and wanted <= value[0].keys():
            return name
    return None


def advice_on_rows_within(member: str) -> str:
    return f"the rows stand in its list `{member}`: write that list alone into the file, such as with `jq .{member}`"


def what_is_over_several_lines(first: str, beginning: Callable[[], str]) -> tuple[str, str] | None:
    """What is wrong with a file whose first object is not on one line, and what to do; None for any other file.

    `beginning` reads the file from the `first` line on; it is called only when that is not a whole object.
    """
    if not first.lstrip().startswith("{") or _first_value(first) is not None:
        return None
    text = beginning().lstrip()
    found = _first_value(text)
    if found is None:
        return None
    document, end = found
    member = rows_within(document)
    if text[end:].strip() or member is None:
        return "an object goes over several lines", "write each on one line, such as with `jq -c .`, or all as an array"
    return "the file is one JSON document, not an object on each line", advice_on_rows_within(member)


def _first_value(text: str) -> tuple[Any, int] | None:
    """The value that a text begins with, and its end; None when it is not JSON."""
    try:
        document, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return None
    return (document, end) if isinstance(document, dict) else None
