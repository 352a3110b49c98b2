"""Two texts, shown where they differ."""

import pytest

from mjpipe.plan.outcome.lists.differing_texts import differing_texts

LONG = "a porcelain teapot with a bamboo handle by Kilnworks, "


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("fast", "draft", ("fast", "draft")),
        (None, "7", ("(not given)", "7")),
        ("7", None, ("7", "(not given)")),
        (f"{LONG}studio light", f"{LONG}warm light", ("… studio light", "… warm light")),
        (f"red {LONG}x", f"blue {LONG}x", ("red a porcelain teapot with a b…", "blue a porcelain teapot with a…")),
        (LONG.rstrip(), f"{LONG}old", ("… Kilnworks,", "… Kilnworks, old")),
        ("a\npot", "a pot", (r"a\u000apot", "a pot")),
        ("T\u200b-1", "T-1", (r"T\u200b-1", "T-1")),
        ("a\u00a0pot", "a pot", (r"a\u00a0pot", "a pot")),
        ("x" * 90, "x" * 91, ("… xxxxxxxxxx", "… xxxxxxxxxxx")),
    ],
)
def test_what_differs_is_shown_with_a_little_before_it(before: str, after: str, shown: tuple[str, str]) -> None:
    assert differing_texts(before, after, 32) == shown
