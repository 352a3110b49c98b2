"""YAML in, the same places out."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from mjpipe.manifest import Text
from mjpipe.manifest.document.parsing import ODD_SPACES, read_yaml
from mjpipe.manifest.document.source_text import SourceText
from mjpipe.manifest.document.tree import Map, Scalar, Seq, Value, every_entry, plain

PARSERS = [yaml.SafeLoader, yaml.CSafeLoader]
FILE = "campaign.yaml"

WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), include_characters="\n\t"))
NAMES = WORDS.filter(lambda word: not word.startswith(tuple(ODD_SPACES)))  # which are taken for indentation


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
        max_leaves=12,
    )


LAYOUTS = st.fixed_dictionaries(
    {
        "default_style": st.sampled_from([None, "'", '"', "|", ">"]),
        "default_flow_style": st.sampled_from([None, True, False]),
        "width": st.sampled_from([10, 25, 80]),
        "indent": st.integers(2, 6),
        "allow_unicode": st.booleans(),
        "line_break": st.sampled_from(["\n", "\r\n", "\r"]),
    }
)


def read(text: str, parser: Any = yaml.CSafeLoader) -> Value:
    value, diagnostics = read_yaml(SourceText(FILE, text), parser)
    assert (value is not None, diagnostics) == (True, [])
    assert value is not None
    return value


def texts(value: Value) -> Iterator[Text]:
    match value:
        case Scalar(text=text):
            yield text
        case Seq(items=items):
            for item in items:
                yield from texts(item)
        case Map(entries=entries):
            for entry in entries.values():
                yield from texts(entry.value)


def leaves(value: Any) -> Iterator[str]:
    match value:
        case list():
            for item in value:
                yield from leaves(item)
        case dict():
            for item in value.values():
                yield from leaves(item)
        case _:
            yield value


def misplaced(text: Text) -> list[tuple[int, str]]:
    """The visible signs of a text that do not stand where they are said to stand; escapes stand there as `\\`."""
    found = []
    for offset, sign in enumerate(text.source):
        place = text.at(offset)
        shown = place.text[place.column - 1 : place.column]
        if not sign.isspace() and shown not in (sign, "\\"):
            found.append((offset, shown))
    return found


@given(value=trees(WORDS), layout=LAYOUTS)
def test_each_sign_of_each_scalar_is_where_its_place_says(value: object, layout: dict[str, Any]) -> None:
    written = yaml.safe_dump(value, **layout)
    assume(yaml.safe_load(written) == value)  # PyYAML folds some texts in a way that means another one
    lines = written.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for parser in PARSERS:
        tree = read(written, parser)
        assert sorted(text.source for text in texts(tree)) == sorted(leaves(value))
        for text in texts(tree):
            assert misplaced(text) == []
            assert {place.text for place in text.lines} <= set(lines)
            assert len(text.lines) == text.source.count("\n") + 1


@given(value=trees(WORDS | st.integers() | st.booleans()), layout=LAYOUTS)
def test_both_parsers_of_pyyaml_lead_to_the_same_tree(value: object, layout: dict[str, Any]) -> None:
    written = yaml.safe_dump(value, **layout)
    python, c = (read_yaml(SourceText(FILE, written), parser) for parser in PARSERS)
    assert python == c


@given(st.text(st.sampled_from("ab:- {}[]\"'|>#&*!?,\n\t\\%@`~<é🫖\r\x85\u2028\x07")))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    for parser in PARSERS:
        value, diagnostics = read_yaml(SourceText(FILE, text), parser)
        assert value is None or plain(value) is not ...
        assert all(diagnostic.place.line <= text.count("\n") + text.count("\r") + 1 for diagnostic in diagnostics)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_place_inside_a_folded_scalar_is_on_the_line_where_it_is_written(parser: Any) -> None:
    text = next(texts(read("prompt: >-\n  a {{ material }}\n  pot by\n\n  {{ brnd }}, old\n", parser)))
    assert text.source == "a {{ material }} pot by\n{{ brnd }}, old"
    place = text.at(text.source.index("brnd"), 4)
    assert (place.line, place.column, place.width, place.text) == (5, 6, 4, "  {{ brnd }}, old")
    place = text.at(text.source.index("pot"), 3)
    assert (place.line, place.column, place.width, place.text) == (3, 3, 3, "  pot by")
    assert [(place.line, place.column) for place in text.lines] == [(2, 3), (5, 3)]


@pytest.mark.parametrize("parser", PARSERS)
def test_a_literal_scalar_has_one_place_for_each_line_and_knows_its_indentation(parser: Any) -> None:
    text = next(texts(read("prompt: &p |2+ # kept\n    deep\n\n  flat\n", parser)))
    assert text.source == "  deep\n\nflat\n"
    assert [(place.line, place.column) for place in text.lines] == [(2, 3), (3, 1), (4, 3), (5, 1)]


@pytest.mark.parametrize("parser", PARSERS)
def test_behind_an_escape_the_column_is_that_of_the_file(parser: Any) -> None:
    text = next(texts(read('prompt: "caf\\u00e9 \\"{{ x }}\\" \\\n   its"\n', parser)))
    assert text.source == 'café "{{ x }}" its'
    assert [(text.at(offset).line, text.at(offset).column) for offset in (0, 4, 8, 15)] == [
        (1, 10),
        (1, 19),
        (1, 24),
        (2, 4),
    ]


def test_a_place_never_reaches_beyond_its_line() -> None:
    text = next(texts(read("prompt: a\n  teapot\n")))
    assert (text.at(4, 99).width, text.at(99, 99).width) == (4, 1)


def reported(text: str) -> list[tuple[str, str]]:
    return [(diagnostic.code, str(diagnostic.place)) for diagnostic in read_yaml(SourceText(FILE, text))[1]]


def test_keys_are_the_text_that_is_written() -> None:
    value = read("on: 1\n1.50: 2\n~: 3\n0x10: 4\n")
    assert [path for path, _ in every_entry(value)] == [("on",), ("1.50",), ("~",), ("0x10",)]


def test_an_alias_is_the_value_that_it_names() -> None:
    assert plain(read("a: &a {x: 1}\nb: [*a, *a]\n")) == {"a": {"x": 1}, "b": [{"x": 1}, {"x": 1}]}


def test_a_key_that_an_alias_repeats_stands_twice_too() -> None:
    assert reported("&a x: 1\n*a : 2\n") == [("MJ003", "campaign.yaml:1:4")]


def test_a_value_cannot_hold_itself() -> None:
    assert reported("a: &a [*a]\n") == [("MJ005", "campaign.yaml:1:8")]


def test_nesting_as_deep_as_the_stack_is_refused_without_falling() -> None:
    assert [code for code, _ in reported("[" * 100_000)] == ["MJ004"]
    assert [code for code, _ in reported("- " * 5_000)] == ["MJ004"]


def test_the_lines_are_those_of_an_editor_even_where_yaml_counts_more() -> None:
    text = 'a: "x\u2028y"\nb: 1\nb: 2\n'
    assert reported(text) == [("MJ003", "campaign.yaml:3:1")]


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("[" + "1," * 200_000 + "]", "the file has more than 100,000 values"),
        ("a: &a 1\nb: [" + "*a," * 200_000 + "]", "the file's aliases stand for more than 10,000 values"),
        (
            "a: &a " + "x" * 100_000 + "\nb: [" + "*a," * 200 + "]",
            "the file's aliases stand for more than 10,000 values",
        ),
        ('a: "' + "\\x41b" * 110_000 + '"', "the file has more than 100,000 values"),
        ("a: |\n" + "  x\n" * 110_000, "the file has more than 100,000 values"),
        ("a: " + "x" * (1 << 20) + "x", "a text is longer than 1,048,576 characters"),
    ],
    ids=["items", "aliases", "texts of aliases", "escapes", "lines of a text", "a long text"],
)
def test_a_file_is_given_up_when_it_holds_too_much(text: str, reported: str) -> None:
    value, diagnostics = read_yaml(SourceText(FILE, text))
    assert (value, [diagnostic.message for diagnostic in diagnostics]) == (None, [reported])


def test_the_places_on_one_line_share_it() -> None:
    """A copy for each took 4 GB on a long line."""
    value = read("[" + "1," * 1000 + "]")
    assert isinstance(value, Seq)
    assert len({id(item.place.text) for item in value.items}) == 1
