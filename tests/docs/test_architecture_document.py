"""The architecture's document names files that exist, and the layers that import-linter holds."""

import re
import tomllib

from tests.cli.program import ROOT

DOCUMENT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
NAMED = re.compile(r"`([\w/.]+\.(?:py|sql|yaml|toml|md))`")
LAYER = re.compile(r"^\| (\d) \| `(\w+)` \|", re.MULTILINE)


def test_each_file_that_it_names_exists() -> None:
    named = {path for path in NAMED.findall(DOCUMENT) if "/" in path and "/N." not in path}
    folders = (ROOT, ROOT / "mjpipe", ROOT / "mjpipe" / "ledger" / "database")
    assert sorted(path for path in named if not any((folder / path).is_file() for folder in folders)) == []
    assert len(named) > 30, "the pattern finds them"


def test_each_folder_of_the_packages_that_it_describes_is_in_its_picture() -> None:
    described = re.findall(r"^\| `([\w/]+)` \|(.*)\|$", DOCUMENT, re.MULTILINE)
    missing = [
        f"{package}/{folder.name}"
        for package, parts in described
        for folder in sorted((ROOT / "mjpipe" / package).iterdir())
        if (folder / "__init__.py").is_file() and f"`{folder.name}`" not in parts
    ]
    assert missing == []
    assert len(described) > 10, "the pattern finds them"


def test_its_layers_are_those_of_the_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract.get("containers") == ["mjpipe"])
    expected = [(str(number), name) for number, line in enumerate(layers, 1) for name in line.split(" | ")]
    assert sorted(LAYER.findall(DOCUMENT)) == sorted(expected)
