import os
from pathlib import Path

import pytest

from mjpipe.cli.commands.explain import EXPLANATIONS
from mjpipe.manifest import EXPLANATIONS as OF_MANIFESTS
from mjpipe.plan import EXPLANATIONS as OF_PLANS
from tests.cli.in_process import InProcess
from tests.cli.in_terminal import COLUMNS, in_terminal
from tests.cli.program import Mjpipe

in_process = InProcess(os.environ)


def test_a_code_is_explained_with_what_is_wrong_and_what_is_right(mjpipe: Mjpipe) -> None:
    assert mjpipe("explain", "MJ041").stdout == (
        "MJ041: not an amount of money\n"
        "\n"
        "Amounts are plain decimals in US dollars with at most six decimals; they are kept exactly.\n"
        "wrong:\n"
        "    limits: {budget: 1_000}\n"
        "right:\n"
        "    limits: {budget: 1000.00}\n"
    )


@pytest.mark.parametrize("typed", ["mj041", "MJ41", "mj41", "41", "041", "MJ-041"])
def test_a_code_is_understood_as_people_type_it(typed: str) -> None:
    assert explained(typed) == explained("MJ041")


def test_several_codes_are_explained_one_after_another() -> None:
    assert explained("24", "mj41", "24") == f"{explained('MJ024')}\n{explained('MJ041')}"


def explained(*codes: str) -> str:
    return in_process("explain", *codes).out


def test_on_a_terminal_no_line_of_an_explanation_is_too_wide_but_for_the_examples(tmp_path: Path) -> None:
    codes = [*EXPLANATIONS][-40:]  # the screen of the test has room for no more
    shown = in_terminal(["explain", *codes], folder=tmp_path, environment=os.environ)
    prose = [line for line in shown.lines if not line.startswith(" ")]
    assert [line for line in prose if len(line) > COLUMNS] == []
    assert "".join(shown.text.split()) == "".join(explained(*codes).split())


def test_without_a_code_all_are_listed_in_order(mjpipe: Mjpipe) -> None:
    lines = mjpipe("explain").stdout.splitlines()
    assert lines == [f"{code}  {EXPLANATIONS[code].title}" for code in sorted({*OF_MANIFESTS, *OF_PLANS})]


def test_no_code_means_two_things() -> None:
    assert OF_MANIFESTS.keys().isdisjoint(OF_PLANS)


def test_an_unknown_code_is_a_usage_error(mjpipe: Mjpipe) -> None:
    refused = mjpipe("explain", "MJ999", code=2)
    assert refused.stderr == "error: there is no code `MJ999`\nhelp: `mjpipe explain` lists them\n"


def test_all_unknown_codes_are_named_at_once() -> None:
    refused = in_process("explain", "MJ999", "24", "x", code=2)
    assert refused.err == (
        "error: there is no code `MJ999`\nerror: there is no code `x`\nhelp: `mjpipe explain` lists them\n"
    )
