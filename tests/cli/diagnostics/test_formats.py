import json

import click
from jsonschema import Draft202012Validator

from mjpipe.cli.commands import validate
from mjpipe.cli.diagnostics import FORMATS, render
from mjpipe.domain import Diagnostic, Place, Severity, bundled_folder

MISSPELLED = Diagnostic(
    place=Place(file="campaign.yaml", line=14, column=7, width=12, text='      aspect-ratio: "{{ ratio }}"'),
    code="MJ012",
    message="node `hero` has no param `aspect-ratio`",
    help="did you mean `aspect_ratio`?",
)
CELL = Diagnostic(
    place=Place(file="a,b:c.csv", line=1203, column=3, width=4, text="7,fasst"),
    code="MJ071",
    message="100% of `speed`\nis wrong",
    severity=Severity.WARNING,
    also=499,
)


def caret_line(text: str, column: int, width: int = 1) -> list[str]:
    """The source line and the carets below it, without their gutter."""
    place = Place(file="x", line=1, column=column, width=width, text=text)
    return [line[8:] for line in render([Diagnostic(place=place, code="MJ001", message="m")], "text").splitlines()[1:]]


def test_text_shows_the_line_the_place_and_what_to_do() -> None:
    assert render([MISSPELLED, CELL], "text") == (
        "campaign.yaml:14:7: error[MJ012]: node `hero` has no param `aspect-ratio`\n"
        '   14 |       aspect-ratio: "{{ ratio }}"\n'
        "      |       ^^^^^^^^^^^^\n"
        "   help: did you mean `aspect_ratio`?\n"
        "\n"
        "a,b:c.csv:1203:3: warning[MJ071]: 100% of `speed`�is wrong\n"
        " 1203 | 7,fasst\n"
        "      |   ^^^^\n"
        "   ... and 499 more places\n"
    )


def test_mistakes_that_are_only_counted_follow_the_last_that_is_shown() -> None:
    shown = Diagnostic(place=Place(file="x", line=1), code="MJ001", message="it is gone", help="look", alike=1570)
    assert (
        render([shown], "text") == "x:1:1: error[MJ001]: it is gone\n   help: look\n   ... and 1,570 more like these\n"
    )
    assert render([shown], "github").endswith("it is gone (and 1570 more like these)%0Ahelp: look\n")
    assert json.loads(render([shown], "json"))["errors"] == 1571


def test_a_place_without_a_line_shows_none() -> None:
    diagnostic = Diagnostic(place=Place(file="x", line=1), code="MJ001", message="it is gone", also=1)
    assert render([diagnostic], "text") == "x:1:1: error[MJ001]: it is gone\n   ... and 1 more place\n"


def test_the_gutter_grows_with_the_line_number() -> None:
    place = Place(file="x", line=1_234_567, column=1, text="a")
    shown = render([Diagnostic(place=place, code="MJ001", message="m")], "text")
    assert shown == "x:1234567:1: error[MJ001]: m\n1234567 | a\n        | ^\n"


def test_the_caret_stands_right_below_tabs_wide_signs_and_marks() -> None:
    assert caret_line("a\tbc", 3, 2) == ["a    bc", "     ^^"]
    assert caret_line("青い急須 x", 6) == ["青い急須 x", "         ^"]
    assert caret_line("青い急須", 3, 2) == ["青い急須", "    ^^^^"]
    assert caret_line("e\u0301a", 3) == ["e\u0301a", " ^"]
    assert caret_line("a", 5) == ["a", " ^"]


def test_nothing_in_a_file_can_talk_to_the_terminal() -> None:
    shown = render(
        [
            Diagnostic(
                place=Place(file="x\x1b[2J", line=1, text="\x1b[31m\u202ea\u2028b"), code="MJ001", message="m\x07"
            )
        ],
        "text",
    )
    assert shown == "x�[2J:1:1: error[MJ001]: m�\n    1 | �[31m�a�b\n      | ^\n"


def test_of_a_long_line_only_what_stands_around_the_caret_is_shown() -> None:
    [line, carets] = caret_line(f"{'a' * 500}--{'b' * 500}", 501, 2)
    assert line == f"…{'a' * 59}--{'b' * 59}…"
    assert carets == f"{' ' * 60}^^"
    [line, carets] = caret_line("p" * 1000, 1, 1000)
    assert (line, carets) == (f"{'p' * 60}…{'p' * 0}", "^" * 61)


def test_on_a_terminal_all_lines_fit_and_the_caret_stays_below_its_place() -> None:
    text = '      prompt: "a very long prompt with {{ many }} and {{ more }} names in it" --ar 4:3'
    long = Diagnostic(
        place=Place(file="campaign.yaml", line=14, column=len(text) - 7, width=4, text=text),
        code="MJ031",
        message="`--ar` in `prompt`: the service drops everything from there on",
        help="use `aspect_ratio: 4:3` in `params` instead, and leave it out of the `prompt`",
    )
    assert render([MISSPELLED, long], "text", width=60) == (
        "campaign.yaml:14:7: error[MJ012]: node `hero` has no param\n"
        "  `aspect-ratio`\n"
        '   14 |       aspect-ratio: "{{ ratio }}"\n'
        "      |       ^^^^^^^^^^^^\n"
        "   help: did you mean `aspect_ratio`?\n"
        "\n"
        f"campaign.yaml:14:{len(text) - 7}: error[MJ031]: `--ar` in `prompt`: the\n"
        "  service drops everything from there on\n"
        '   14 | …th {{ many }} and {{ more }} names in it" --ar 4:3\n'
        "      |                                            ^^^^\n"
        "   help: use `aspect_ratio: 4:3` in `params` instead, and\n"
        "         leave it out of the `prompt`\n"
    )


def test_json_is_one_document_that_keeps_to_its_schema() -> None:
    document = json.loads(render([MISSPELLED, CELL], "json"))
    assert document == {
        "schema_version": 1,
        "errors": 1,
        "warnings": 500,
        "diagnostics": [
            {
                "file": "campaign.yaml",
                "line": 14,
                "column": 7,
                "width": 12,
                "severity": "error",
                "code": "MJ012",
                "message": "node `hero` has no param `aspect-ratio`",
                "help": "did you mean `aspect_ratio`?",
                "also": 0,
                "alike": 0,
            },
            {
                "file": "a,b:c.csv",
                "line": 1203,
                "column": 3,
                "width": 4,
                "severity": "warning",
                "code": "MJ071",
                "message": "100% of `speed`\nis wrong",
                "help": None,
                "also": 499,
                "alike": 0,
            },
        ],
    }
    schema = json.loads((bundled_folder("schemas") / "diagnostics.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)


def test_annotations_are_escaped_as_github_wants_it() -> None:
    assert render([MISSPELLED, CELL], "github") == (
        "::error file=campaign.yaml,line=14,col=7,endColumn=19,title=MJ012::"
        "node `hero` has no param `aspect-ratio`%0Ahelp: did you mean `aspect_ratio`?\n"
        "::warning file=a%2Cb%3Ac.csv,line=1203,col=3,endColumn=7,title=MJ071::"
        "100%25 of `speed`%0Ais wrong (and 499 more)\n"
    )


def test_nothing_wrong_is_nothing_said() -> None:
    assert (render([], "text"), render([], "github")) == ("", "")
    assert json.loads(render([], "json"))["diagnostics"] == []


def test_validate_offers_each_format() -> None:
    (option,) = [param for param in validate.command.params if param.name == "form"]
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == list(FORMATS) == ["text", "json", "github"]
