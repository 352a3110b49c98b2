"""The table of exit codes in `docs/running.md` is that of the code, and so is `--help`.

After a change: `make documents`; then read the diff.
"""

import os
import re

from click import Context

from mjpipe.cli.exit_codes import OTHER_EXIT_CODES, RUN_EXIT_CODES, ExitCode, exit_codes_help
from mjpipe.cli.main import program
from tests.cli.program import ROOT

DOCUMENT = ROOT / "docs" / "running.md"
TABLE = re.compile(r"(?<=<!-- exit codes -->\n).*?(?=<!-- end -->)", re.DOTALL)


def written() -> str:
    rows = [
        f"| {code.value} | {text.replace('|', chr(92) + '|')} |\n"
        for code, text in (RUN_EXIT_CODES | OTHER_EXIT_CODES).items()
    ]
    return "".join(["| code | meaning |\n", "| --- | --- |\n", *rows])


def test_the_document_has_the_table_of_the_code() -> None:
    text = DOCUMENT.read_text("utf-8")
    if os.environ.get("REWRITE"):
        text = TABLE.sub(lambda _: written(), text)
        DOCUMENT.write_text(text, "utf-8")
    assert TABLE.findall(text) == [written()]


def test_each_code_has_a_meaning() -> None:
    assert sorted(RUN_EXIT_CODES | OTHER_EXIT_CODES) == sorted(ExitCode)


def test_help_says_them_too() -> None:
    for name, codes in {"run": (), "plan": (ExitCode.DONE, ExitCode.USAGE, ExitCode.WORK_TO_DO)}.items():
        command = program.get_command(Context(program), name)
        assert command is not None
        shown = command.get_help(Context(command, max_content_width=100))
        listed = exit_codes_help(*codes).removeprefix("\b\n").splitlines()
        assert [line.strip() for line in shown.splitlines()][-len(listed) :] == [line.strip() for line in listed]
