"""`docs/diagnostics.md` is what `mjpipe explain` says of every code.

After a change of words: `make documents`; then read the diff.
"""

import os
import re

from mjpipe.cli.commands.explain import EXPLANATIONS
from tests.cli.program import ROOT

DOCUMENT = ROOT / "docs" / "diagnostics.md"
HEAD = """\
# Diagnostics

Every code that mjpipe knows, as `mjpipe explain CODE` shows it. `mjpipe validate` finds all mistakes of a manifest and
its inputs at once, without network and key; `plan` and `run` find the same ones before they do anything else. Errors
end with exit code 2. Warnings never change the exit code.
"""
PIECE = re.compile(r"^(wrong|right):\n((?:    .*\n)+)", re.MULTILINE)


def section(code: str) -> str:
    explanation = EXPLANATIONS[code]
    text = PIECE.sub(lambda found: f"\n{found[1].capitalize()}:\n\n{fenced(found[2])}", explanation.text)
    return f"## {code}: {explanation.title}\n\n{text}"


def fenced(piece: str) -> str:
    """Pieces of a manifest are YAML, all others lines of an input file."""
    inner = re.sub(r"^    ", "", piece, flags=re.MULTILINE)
    language = "yaml" if re.match(r"[a-z]+:", inner) else "text"
    return f"```{language}\n{inner}```\n"


def test_the_document_lists_every_code() -> None:
    page = "\n".join([HEAD, *map(section, EXPLANATIONS)])
    if os.environ.get("REWRITE"):
        DOCUMENT.write_text(page, "utf-8")
    assert DOCUMENT.read_text("utf-8") == page
