import pytest

from mjpipe.manifest.sections.matrix import combinations
from mjpipe.manifest.sections.rows import Row

FRUITS = {"fruit": ["apple", "pear"], "animal": ["cat", "dog"]}


def test_the_last_axis_changes_fastest() -> None:
    assert combinations(FRUITS, [], []) == (
        {"fruit": "apple", "animal": "cat"},
        {"fruit": "apple", "animal": "dog"},
        {"fruit": "pear", "animal": "cat"},
        {"fruit": "pear", "animal": "dog"},
    )


def test_include_does_what_the_example_of_github_actions_does() -> None:
    include: list[Row] = [
        {"color": "green"},
        {"color": "pink", "animal": "cat"},
        {"fruit": "apple", "shape": "circle"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]
    rows = combinations(FRUITS, [], include)
    assert [{column: value for column, value in row.items() if value} for row in rows] == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]
    assert {tuple(row) for row in rows} == {("fruit", "animal", "color", "shape")}


@pytest.mark.parametrize(
    ("exclude", "kept"),
    [
        ([{"fruit": "apple"}], ["pear cat", "pear dog"]),
        ([{"fruit": "apple", "animal": "dog"}], ["apple cat", "pear cat", "pear dog"]),
        ([{"fruit": "apple"}, {"animal": "dog"}], ["pear cat"]),
        ([{"fruit": "plum"}], ["apple cat", "apple dog", "pear cat", "pear dog"]),
    ],
)
def test_exclude_needs_only_some_of_the_values(exclude: list[Row], kept: list[str]) -> None:
    assert [" ".join(row.values()) for row in combinations(FRUITS, exclude, [])] == kept


def test_include_comes_after_exclude_and_may_bring_a_combination_back() -> None:
    rows = combinations(FRUITS, [{"fruit": "apple"}], [{"fruit": "apple", "animal": "dog"}])
    assert [" ".join(row.values()) for row in rows] == ["pear cat", "pear dog", "apple dog"]


def test_a_matrix_may_consist_of_include_alone() -> None:
    assert combinations({}, [], [{"style": "studio"}, {"style": "macro", "lens": "85mm"}]) == (
        {"style": "studio", "lens": ""},
        {"style": "macro", "lens": "85mm"},
    )
