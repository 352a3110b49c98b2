"""A forked command does what a fresh process does, so that the tests may use it in its place."""

import subprocess
import sys

import pytest

from tests.cli.program import EXAMPLES, Mjpipe

QUICKSTART = str(EXAMPLES / "quickstart.yaml")


@pytest.mark.parametrize(
    "argv",
    [
        ("--version",),
        ("plan", QUICKSTART, "--json", "--detailed-exitcode"),
        ("expand", QUICKSTART),
        ("run", "nowhere.yaml"),
        ("nonsense",),
        ("sandbox", "--help"),
    ],
    ids=" ".join,
)
def test_a_forked_command_says_what_a_fresh_one_says(mjpipe: Mjpipe, argv: tuple[str, ...]) -> None:
    fresh = subprocess.run(
        [sys.executable, "-m", "mjpipe", *argv],
        cwd=mjpipe.folder,
        env={**mjpipe.environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    forked = mjpipe(*argv, code=None)
    assert (forked.returncode, forked.stdout, forked.stderr) == (fresh.returncode, fresh.stdout, fresh.stderr)


def test_nothing_is_left_of_the_command_before(mjpipe: Mjpipe) -> None:
    assert mjpipe("plan", "campaign.yaml", code=None).returncode == 2
    (mjpipe.folder / "campaign.yaml").write_text(
        "mjpipe: 1\ncampaign: x\nnodes: {a: {kind: generate, params: {prompt: b}}}\n"
    )
    first = mjpipe("plan", "campaign.yaml").stdout
    elsewhere = Mjpipe(mjpipe.folder / "elsewhere", {**mjpipe.environment, "COLUMNS": "60"})
    elsewhere.folder.mkdir()
    assert elsewhere("plan", "campaign.yaml", code=None).returncode == 2
    assert mjpipe("plan", "campaign.yaml").stdout == first
