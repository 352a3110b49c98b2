"""A folder that is typed in place of its manifest."""

import os
from pathlib import Path

import pytest

from mjpipe.campaign.opened.manifest_file import manifest_file
from mjpipe.domain import UsageFault
from tests.cli.in_process import InProcess

COVER = "mjpipe: 1\ncampaign: {name}\nnodes: {{cover: {{kind: generate, params: {{prompt: a teapot}}}}}}\n"
mjpipe = InProcess(os.environ)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "prices.yaml").write_text("generate: 0.10\n")
    (tmp_path / "shop" / "products.csv").write_text("mjpipe: 1\n")
    return tmp_path


def write(file: Path, head: str = "") -> None:
    file.write_text(head + COVER.format(name=file.stem))


@pytest.mark.parametrize(
    "head", ["", "\ufeff", "# of the spring\n", "---\n"], ids=["plain", "BOM", "comment", "marker"]
)
def test_a_folder_with_one_manifest_is_that_manifest(folder: Path, head: str) -> None:
    write(folder / "shop" / "season.yml", head)
    assert manifest_file(Path("shop")) == Path("shop/season.yml")


def test_what_is_not_a_folder_is_as_it_was_typed(folder: Path) -> None:
    write(folder / "shop" / "season.yaml")
    for path in (Path("shop/season.yaml"), Path("shop/prices.yaml"), Path("shop/none.yaml")):
        assert manifest_file(path) == path


@pytest.mark.parametrize(
    ("files", "typed", "message", "help_"),
    [
        (
            ["shop/b.yaml", "shop/a.yaml"],
            "shop",
            "`shop` has 2 manifests: `a.yaml`, `b.yaml`",
            "type one: `shop/a.yaml`",
        ),
        (
            [f"shop/{name}.yaml" for name in "abcdef"],
            "shop",
            "`shop` has 6 manifests: `a.yaml`, `b.yaml`, `c.yaml`, `d.yaml`, `e.yaml`, …",
            "type one: `shop/a.yaml`",
        ),
        (["shop/a.yaml"], ".", "`.` is a folder without a manifest", "did you mean `shop/a.yaml`?"),
        (["shop/a.yaml", "shop/b.yaml"], ".", "`.` is a folder without a manifest", "did you mean `shop`?"),
        (
            [],
            "shop",
            "`shop` is a folder without a manifest",
            "a manifest is a YAML file that begins with `mjpipe: 1`; `mjpipe init shop` makes one",
        ),
    ],
)
def test_a_folder_with_several_manifests_or_none_is_refused(
    folder: Path, files: list[str], typed: str, message: str, help_: str
) -> None:
    for file in files:
        write(folder / file)
    with pytest.raises(UsageFault) as raised:
        manifest_file(Path(typed))
    assert (str(raised.value), raised.value.help) == (message, help_)


def test_the_next_command_names_the_folder_as_it_was_typed(folder: Path) -> None:
    write(folder / "shop" / "season.yaml")
    said = mjpipe("plan", "shop", "--out", "plan.json")
    assert said.err.endswith("\nmjpipe run shop --plan plan.json\n")
    assert mjpipe("validate", "shop/").err == "`shop` is valid\n"
