"""A run that nobody answers does not wait in silence."""

import signal
from pathlib import Path

from tests.apixo.loopback import unused_port
from tests.cli.program import Mjpipe

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: crane}], key: name}}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""


def test_it_says_at_once_what_it_waits_for_and_says_it_again_when_it_ends(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    address = f"http://127.0.0.1:{unused_port()}/api/v1"
    mjpipe = Mjpipe(tmp_path, {**environment, "APIXO_BASE_URL": address, "APIXO_API_KEY": "a-key"})
    with mjpipe.start("run", "campaign.yaml", "--yes") as run:
        assert run.stdout is not None
        while not (line := run.stdout.readline()).startswith("waiting: "):
            assert line, "the run ended without a word"
        reason = line.strip().removeprefix("waiting: ")
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=60)
    assert reason.startswith(f"nothing could be sent to `{address}`: ConnectError: ")
    assert (run.returncode, output.count("waiting: ")) == (130, 0)
    assert output.splitlines()[-3:] == [
        f"the run was still waiting when it ended: {reason}",
        "next: continue",
        "mjpipe run campaign.yaml",
    ]
