import subprocess
import sys
from pathlib import Path

import pytest

from mjpipe.domain import bundled_folder

ONLY_A_RUN_NEEDS = (
    "aiohttp",
    "asyncio",
    "filelock",
    "httpx",
    "mjpipe.apixo",
    "mjpipe.run",
    "mjpipe.sandbox",
    "PIL",
    "starlette",
    "tqdm",
    "uvicorn",
)
ONLY_TO_ASK = ("aiohttp", "asyncio", "httpx", "mjpipe.apixo.http", "mjpipe.run.engine", "mjpipe.sandbox", "uvicorn")
ONLY_RECEIPTS_NEED = (
    "mjpipe.campaign.evidence.assets",
    "mjpipe.ledger.receipts.folding",
    "mjpipe.ledger.receipts.outbox",
    "mjpipe.ledger.receipts.parsing",
    "mjpipe.ledger.receipts.reading",
    "mjpipe.ledger.receipts.writing",
    "mjpipe.ledger.recovery",
)
A_PLAN_NEEDS = ("jinja2", "jsonschema", "mjpipe.plan", "networkx", "yaml")
QUICKSTART = str(bundled_folder("examples") / "manifests" / "quickstart.yaml")


def loaded(*argv: str) -> set[str]:
    """The modules that a process has imported when its command has ended well."""
    code = """
import sys
from mjpipe.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
print(*sys.modules, file=sys.stderr)
"""
    process = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True, check=True)
    return set(process.stderr.split())


def test_a_plan_loads_nothing_that_only_a_run_needs(tmp_path: Path) -> None:
    modules = loaded("plan", QUICKSTART, "--state", str(tmp_path))
    assert modules.issuperset(A_PLAN_NEEDS)
    assert modules.isdisjoint((*ONLY_A_RUN_NEEDS, *ONLY_RECEIPTS_NEED))


def test_a_run_with_nobody_to_ask_loads_no_client_no_loop_and_no_sandbox(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text("{mjpipe: 1, campaign: bird, nodes: {hero: {kind: generate, params: {prompt: a heron}}}}")
    run = ("run", str(manifest), "--sandbox")
    assert loaded(*run).issuperset(ONLY_TO_ASK)
    assert loaded(*run).isdisjoint((*ONLY_TO_ASK, "tqdm"))


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_command(option: str) -> None:
    assert loaded(option).isdisjoint((*ONLY_A_RUN_NEEDS, *A_PLAN_NEEDS, "mjpipe.campaign"))
