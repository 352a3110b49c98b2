"""Help for unknown job keys."""


def near_keys(key: str, keys: list[str], *, typed: str) -> str:
    """Similar keys, or else what keys look like. `typed` is the campaign in a command."""
    from difflib import get_close_matches  # noqa: PLC0415 - only needed for a typing mistake

    near = get_close_matches(key, keys, n=3)
    if near:
        return f"did you mean {' or '.join(f'`{name}`' for name in near)}?"
    return f"keys look like `{keys[0]}`" if keys else f"`mjpipe expand {typed}` prints all keys"
