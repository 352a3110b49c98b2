"""The schemas list the kinds, modes and params of the contract.

After a change of the contract: `make documents`; then read the diff.
"""

import os
from collections.abc import Callable

import pytest

from mjpipe.contract import Mode
from mjpipe.domain import Kind, bundled_folder
from tests.contract.schemas import manifest_schema, with_kinds, with_modes

WRITTEN: dict[str, Callable[[str], str]] = {
    "manifest": manifest_schema,
    "plan": with_kinds,
    "show": with_kinds,
    "faults": with_modes,
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_schema_says_what_the_contract_says(name: str) -> None:
    path = bundled_folder("schemas") / f"{name}.schema.json"
    text = path.read_text("utf-8")
    wanted = WRITTEN[name](text)
    if os.environ.get("REWRITE"):
        path.write_text(wanted, "utf-8")
        text = wanted
    assert text == wanted


def test_only_these_schemas_list_kinds_or_modes() -> None:
    texts = {path.name.partition(".")[0]: path.read_text("utf-8") for path in bundled_folder("schemas").glob("*.json")}
    lists = [f'"{options[-1]}"]' for options in ([*Kind], [*Mode])]
    assert {name for name, text in texts.items() if any(end in text for end in lists)} == set(WRITTEN)
