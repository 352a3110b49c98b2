"""Help for unknown job keys."""

from collections.abc import Sequence

from mjpipe.manifest import near_names


def near_keys(key: str, keys: Sequence[str], *, typed: str) -> str:
    """Similar keys, or else what keys look like. `typed` is the campaign in a command."""
    near = near_names(key, keys, most=3)
    if near:
        return f"did you mean {' or '.join(f'`{name}`' for name in near)}?"
    return f"keys look like `{keys[0]}`" if keys else f"`mjpipe expand {typed}` prints all keys"
