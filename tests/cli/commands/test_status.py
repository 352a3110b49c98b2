"""`mjpipe status` says who holds the campaign, why jobs are not done, and what to type next."""

import json
import re
import shlex
from pathlib import Path

from mjpipe.ledger import Ledger, StateFolder, this_process
from tests.cli.in_process import InProcess, at, sandbox

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: teal}, {name: "two ducks"}], key: name}}
limits: {requests_per_second: 1000, budget: 5}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
DUCKS_FAIL = {"at": "task", "do": "fail", "code": "PromptInvalid", "prompt": "duck"}


def status(mjpipe: InProcess, manifest: Path) -> str:
    return mjpipe("status", manifest).out


def test_jobs_that_failed_for_one_reason_are_one_paragraph_with_what_to_do(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(BIRDS)
    with sandbox(tmp_path / "service", rules=[DUCKS_FAIL]) as server:
        mjpipe = at(server)
        shown = mjpipe("run", manifest, code=1).out
        said = status(mjpipe, manifest)
    step = f"next: see why a job failed\nmjpipe show {manifest} hero/duck\n"
    assert said.endswith(f"\n\n{step}")
    assert shown.endswith(f"\n{step}")
    assert re.search(
        r"^2 jobs failed: .*\n(?:  .*\n)*  hero/duck, hero/two-ducks\n  at risk: \$0.40\n  help: ", said, re.MULTILINE
    )
    document = json.loads(mjpipe("status", manifest, "--json").out)
    assert [(cause["code"], cause["jobs"], cause["keys"]) for cause in document["failures"]] == [
        ("PromptInvalid", 2, ["hero/duck", "hero/two-ducks"])
    ]
    assert document["next"] == {"what": "see why a job failed", "command": f"mjpipe show {manifest} hero/duck"}
    assert document["run"] is None


def test_a_run_that_goes_on_is_named_and_so_is_one_that_waits_for_a_yes(tmp_path: Path) -> None:
    manifest, folder = tmp_path / "campaign.yaml", StateFolder(tmp_path / ".mjpipe" / "birds")
    manifest.write_text(BIRDS)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest)
        assert status(mjpipe, manifest).splitlines()[-1] == "all done"
        with folder.lock():
            ledger = Ledger.open(folder.ledger)
            with ledger.hold.kept(this_process(), 1_800_000_000.0):
                me = this_process()
                running = status(mjpipe, manifest)
                assert running.startswith(f"a run is in progress: process {me.pid} on {me.host}, since 2027-01-1")
                assert running.endswith(f"\n\nnext: watch the run\nmjpipe status {manifest} --watch\n")
                with folder.asking():
                    asks = status(mjpipe, manifest)
                    document = json.loads(mjpipe("status", manifest, "--json").out)
                    refused = mjpipe("run", manifest, code=7).err
            ledger.close()
    assert " ".join(asks.split()).startswith(
        f"a run waits for a yes before it spends: process {me.pid} on {me.host}, since 2027-01-1"
    )
    assert asks.endswith("\n\nnext: answer the run in its terminal, or stop it there with Ctrl-C\n")
    assert (document["run"]["pid"], document["run"]["waits_for_yes"]) == (me.pid, True)
    assert document["next"]["command"] is None
    assert refused.startswith(
        f"error: another run waits for a yes at its terminal: process {me.pid} on {me.host}, since "
    )


def test_a_budget_that_is_used_up_is_raised_to_what_the_rest_costs(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(BIRDS.replace("budget: 5", "budget: 0.50"))
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        shown = mjpipe("run", manifest, code=4).out.splitlines()
        *_, what, command = status(mjpipe, manifest).splitlines()
        assert what == "next: raise the budget: with what is left to make, the campaign costs $0.80"
        assert shown[-2:] == ["next: raise the budget: $0.40 is used, and 2 more jobs cost $0.40", command]
        assert command == f"mjpipe run {manifest} --budget 0.80"
        assert mjpipe(*shlex.split(command)[1:]).out.splitlines()[-1] == "all done"
