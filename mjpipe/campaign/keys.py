"""Help for unknown job keys."""

from collections.abc import Sequence

_ALL_COMPARED = 5_000
"""Keys that are all compared with the typed one; of more, those that begin or end alike: comparing takes some 20
microseconds a key.
"""


def near_keys(key: str, keys: Sequence[str], *, typed: str) -> str:
    """The key in other letter case, or similar keys, or else what keys look like. `typed` is the campaign in a
    command.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only needed for a typing mistake

    by_form = {known.casefold(): known for known in keys}
    form = key.casefold()
    if form in by_form:
        return f"did you mean `{by_form[form]}`?"
    near = get_close_matches(form, _alike(form, by_form), n=3)
    if near:
        return f"did you mean {' or '.join(f'`{by_form[name]}`' for name in near)}?"
    return f"keys look like `{keys[0]}`" if keys else f"`mjpipe expand {typed}` prints all keys"


def _alike(form: str, known: dict[str, str]) -> list[str]:
    if len(known) <= _ALL_COMPARED:
        return [*known]
    half = max(1, len(form) // 2)
    return [name for name in known if name.startswith(form[:half]) or name.endswith(form[-half:])][:_ALL_COMPARED]
