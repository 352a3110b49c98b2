"""A pipe, a device, a sparse file or a number without end in the place of whatever a campaign reads: each is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess

CUPS = """
mjpipe: 1
campaign: cups
inputs: {cups: {FORM: FILE, key: sku}}
nodes: {hero: {kind: generate, for_each: [cups], params: {prompt: "a {{ name }}"}}}
"""
ENDLESS = {
    "pipe": "it is a named pipe, not a file",
    "device": "it is a device, not a file",
}


@pytest.fixture
def inside() -> InProcess:
    return InProcess({**os.environ, "NO_COLOR": "1"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(3 << 30)
    (tmp_path / "cups.csv").write_text("sku,name\nT-01,mug\n")
    return tmp_path


def manifest(folder: Path, form: str = "csv", file: str = "cups.csv", more: str = "") -> Path:
    (folder / "m.yaml").write_text(CUPS.replace("FORM", form).replace("FILE", file) + more)
    return folder / "m.yaml"


@pytest.mark.parametrize("file", [*ENDLESS, "sparse"])
def test_a_manifest_is_a_file_of_bounded_size(inside: InProcess, folder: Path, file: str) -> None:
    reported = ENDLESS.get(file, "it is larger than 4 MB")
    assert f"error[MJ001]: the manifest cannot be read: {reported}" in inside("validate", folder / file, code=2).err


@pytest.mark.parametrize("file", ENDLESS)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_input_is_a_file_for_a_plan_and_for_a_run(inside: InProcess, folder: Path, form: str, file: str) -> None:
    for command in (("validate",), ("plan",), ("run", "--sandbox")):
        said = inside(command[0], manifest(folder, form, file), *command[1:], code=2)
        assert f"error[MJ050]: `{folder / file}` cannot be read: {ENDLESS[file]}" in said.out + said.err


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_sparse_input_ends_at_its_first_nul(inside: InProcess, folder: Path, form: str) -> None:
    said = inside("validate", manifest(folder, form, "sparse"), code=2).err
    assert f"{folder / 'sparse'}:1:1: error[MJ062]: the line has a NUL character" in said


def test_an_included_file_of_3_gb_is_refused_to_a_run_and_not_copied_first(inside: InProcess, folder: Path) -> None:
    include = "{% include 'sparse' %}"
    path = manifest(folder)
    path.write_text(path.read_text().replace("a {{ name }}", include))
    said = inside("run", path, "--sandbox", code=2).err
    assert "`sparse` cannot be read: it is larger than 100 KB" in said
    copies = {copy.name for copy in (folder / ".mjpipe" / "cups.sandbox" / "inputs").iterdir()}
    assert copies == {"manifest.yaml", "0-cups.csv"}


@pytest.mark.parametrize("file", [*ENDLESS, "sparse"])
def test_prices_picks_and_saved_plans_are_files_of_bounded_size(inside: InProcess, folder: Path, file: str) -> None:
    kind = ENDLESS.get(file)
    prices = inside("validate", manifest(folder, more=f"prices: {file}\n"), code=2).err
    assert f"error[MJ042]: the price file `{file}` cannot be read: {kind or 'it is larger than 64 KB'}" in prices
    picks = inside("plan", manifest(folder, more=f"picks: {file}\n"), code=2).err
    assert f"error[MJ090]: the picks file cannot be read: {kind or 'it is larger than 64 MB'}" in picks
    saved = inside("plan", manifest(folder), "--against", folder / file, code=2).err
    assert kind is None or f"`{folder / file}` cannot be read: {kind}" in saved
    assert f"`{folder / file}`" in saved


def test_what_is_wide_or_long_is_named_with_its_limit_and_hides_no_other_mistake(tmp_path: Path) -> None:
    """In a process that may have 2 GB in all."""
    names = ",".join(f"c{number}" for number in range(1_000_000))
    (tmp_path / "wide.csv").write_text(f"{names}\n")
    (tmp_path / "long.csv").write_text(f"sku,name\nT-01,{'a' * (17 << 20)}\n")
    (tmp_path / "cell.csv").write_text(f'sku,name\nT-01,"{"a,b" * 400_000}\n')
    (tmp_path / "wide.jsonl").write_text("".join(f'{{"c{number}": 1}}\n' for number in range(10_001)))
    (tmp_path / "cell.jsonl").write_text(f'{{"sku": "{"a" * 1_048_577}"}}\n')
    (tmp_path / "deep.jsonl").write_text("[" * 3_000_000)
    files = ("wide.csv", "long.csv", "cell.csv", "wide.jsonl", "cell.jsonl", "deep.jsonl")
    inputs = "\n".join(f"  {file.replace('.', '-')}: {{{file.partition('.')[2]}: {file}}}" for file in files)
    (tmp_path / "m.yaml").write_text(
        f"mjpipe: 1\ncampaign: big\nvars: {{brand: Kilnworks}}\ninputs:\n{inputs}\nnodes:\n"
        + "".join(
            f"  {file.replace('.', '-')}:\n    kind: generate\n    for_each: [{file.replace('.', '-')}]\n"
            "    params: {prompt: \"{{ row['sku'] }}\"}\n"
            for file in files
        )
        + '  hero: {kind: generate, params: {prompt: "by {{ brnd }}"}}\n'
    )
    bounded = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({2 << 30}, {2 << 30}))"
    said = subprocess.run(
        [sys.executable, "-c", f"{bounded}; from mjpipe.cli import main; main(['validate', 'm.yaml'])"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 2
    reported = [line for line in said.stderr.splitlines() if ": error[" in line]
    assert reported == [
        "cell.csv:2:1: error[MJ062]: a cell is longer than 1,048,576 characters",
        "cell.jsonl:1:1: error[MJ062]: a cell is longer than 1,048,576 characters",
        "deep.jsonl:1:1: error[MJ055]: the line is nested too deeply: more than 40 levels",
        "long.csv:2:1: error[MJ062]: a row is longer than 16,777,216 characters",
        "m.yaml:36:50: error[MJ066]: `brnd` is not defined here",
        "wide.csv:1:1: error[MJ062]: an input may have at most 10,000 columns, not 1,000,000",
        "wide.jsonl:10001:1: error[MJ062]: an input may have at most 10,000 columns, not 10,001",
    ]


def test_rows_of_any_number_are_read_and_a_mistake_in_each_is_one(inside: InProcess, folder: Path) -> None:
    (folder / "cups.csv").write_text("sku,name\n" + "T-01\n" * 20_000)
    said = inside("validate", manifest(folder), code=2).err
    assert "cups.csv:2:5: error[MJ053]: the row has 1 cell, but the header names 2 columns\n" in said
    assert "... and 19,999 more places\n" in said
