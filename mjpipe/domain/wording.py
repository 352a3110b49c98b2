"""Counts as people read them."""


def counted(number: int, noun: str) -> str:
    """`1 job`, `1,200 jobs`"""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
