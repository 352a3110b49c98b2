"""Keys of jobs that a person has typed."""


def near_keys(key: str, keys: list[str]) -> str:
    """The help for a key that no job has: those that are like it, or else what keys look like."""
    from difflib import get_close_matches  # noqa: PLC0415 - only needed for a typing mistake

    near = get_close_matches(key, keys, n=3)
    if near:
        return f"did you mean {' or '.join(f'`{name}`' for name in near)}?"
    return f"keys look like `{keys[0]}`" if keys else "`mjpipe expand M` prints all keys"
