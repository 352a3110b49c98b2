"""Chance that is the same in every run."""

import hashlib


def seeded_fraction(*names: object) -> float:
    """A number from 0 up to 1 that is drawn by its names, the same ones always drawing the same number."""
    text = "\0".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:6]) / 2**48
