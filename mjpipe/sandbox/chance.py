"""Seeded chance, the same in every run."""

import hashlib


def seeded_fraction(*names: object) -> float:
    """A number of at least 0 and less than 1; the same names always give the same number."""
    text = "\0".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:6]) / 2**48
