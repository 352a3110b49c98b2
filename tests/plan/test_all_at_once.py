"""One mistake is reported once: it hides no other, and causes no other."""

from pathlib import Path

import pytest

from mjpipe.manifest import manifest_from
from tests.plan.broken_campaign import BESIDE, LINES, MANIFEST, with_line, write_files
from tests.plan.planning import planned

NAMED_FREELY = ("vars", "inputs", "matrix", "nodes", "labels")
"""Under these a key is a name; what uses another one is reported where it is used."""

VALUES = ["{zap: [1]}", "[[1]]", "7", "nonsense", '"{{ zap }}"', '"{{"', "", "[zap]", "true", "zap > 1"]
SHARE = 4
"""A line gets a quarter of them: all of them on all lines take a minute."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(tmp_path)
    return tmp_path


def described(folder: Path, text: str) -> set[tuple[str, int, str]]:
    """File, line and message of each error."""
    loaded = manifest_from(text, folder / "campaign.yaml")
    assert loaded.manifest is not None
    expanded = planned(loaded.manifest)
    assert all(expanded.keys)
    found = [one for one in (*loaded.diagnostics, *expanded.diagnostics) if one.is_error]
    return {(Path(one.place.file).name, one.place.line, one.message) for one in found}


def test_the_manifest_is_right_but_for_its_last_node(folder: Path) -> None:
    assert described(folder, MANIFEST) == BESIDE


# A version of no drafts makes drafts of many nodes impossible; that is reported for each of them.
@pytest.mark.parametrize(
    ("number", "path"), [(number, path) for number, path, value in LINES if value and path != "defaults/version"]
)
def test_a_wrong_value_is_reported_on_its_line_and_hides_nothing(folder: Path, number: int, path: str) -> None:
    for value in VALUES[number % SHARE :: SHARE]:
        found = described(folder, with_line(number, path.rpartition("/")[2], value))
        assert {one[:2] for one in found - BESIDE} <= {("campaign.yaml", number + 1)}, value
        assert found >= BESIDE, value


@pytest.mark.parametrize(
    ("number", "path", "value"),
    [
        (number, path, value)
        for number, path, value in LINES
        if not path.rpartition("/")[0].endswith(NAMED_FREELY) and path not in ("mjpipe", "nodes")
    ],
)
def test_a_wrong_key_is_reported_on_its_line_and_hides_nothing(
    folder: Path, number: int, path: str, value: str
) -> None:
    key = path.rpartition("/")[2]
    wrong = (f"{key}x", key[:-1], key.upper())[number % 3]
    found = described(folder, with_line(number, wrong, value))
    assert {one[:2] for one in found - BESIDE} == {("campaign.yaml", number + 1)}, wrong
    assert found >= BESIDE, wrong
