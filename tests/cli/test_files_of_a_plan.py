"""Whatever file a plan reads, an edit during a run or behind a saved plan does not slip in."""

from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.campaign import Campaign, open_campaign
from mjpipe.campaign.replanning import Replanning
from mjpipe.domain import Job
from mjpipe.ledger import InputCopies, Ledger
from tests.campaign.at_once import AtOnce
from tests.cli.program import Mjpipe

MANIFEST = """\
mjpipe: 1
campaign: cups
inputs: {cups: {csv: cups.csv, key: sku}}
prices: prices.toml
nodes:
  hero:
    kind: generate
    for_each: cups
    params:
      prompt: "{{ name }}, {% if name == 'mug' %}{% include 'texts/' ~ mood ~ '.txt' %}{% endif %}"
  next:
    kind: vary
    from: hero
    images: pick
    params: {type: 0, remixPrompt: "{% include 'texts/warm.txt' ignore missing %}"}
"""

FILES = {
    "cups.yaml": MANIFEST,
    "cups.csv": "sku,name,mood\nC-1,mug,calm\n",
    "prices.toml": 'enhance = "0.10"\n',
    "texts/calm.txt": "{% include 'texts/light.txt' %}",
    "texts/light.txt": "in the morning",
}
EDITED = {
    "cups.csv": "sku,name,mood\nC-1,mug,gone\n",
    "texts/calm.txt": "{% include 'texts/none.txt' %}",
    "texts/light.txt": "at night",
    "texts/warm.txt": "warmer",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    write(tmp_path, FILES)
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).write_text(content)


def prompts(campaign: Campaign, ledger: Ledger, copies: InputCopies) -> list[object]:
    jobs: list[Job] = []
    campaign.expand(ledger, jobs.extend, copies)
    return [job.request["prompt"] for job in jobs if not job.possible_jobs]


def test_a_run_reads_each_file_once_however_its_name_is_found(folder: Path) -> None:
    campaign = open_campaign(folder / "cups.yaml")
    copies = campaign.folder.copies(campaign.manifest.source)
    with closing(Ledger.open(campaign.folder.ledger)) as ledger:
        replan = Replanning(campaign, copies)
        with ledger.adopting() as adoption:
            campaign.expand(ledger, adoption.take, copies)
            adoption.finish()
        assert prompts(campaign, ledger, copies) == ["mug, in the morning"]
        write(folder, EDITED)
        (folder / "prices.toml").unlink()
        (folder / "picks.csv").write_text("key,node,decision,images\nhero/C-1,next,pick,0\n")
        assert replan(AtOnce(ledger))
        assert prompts(campaign, ledger, copies) == ["mug, in the morning"]
    names = [path.relative_to(folder).as_posix() for path in copies.read]
    assert names == ["prices.toml", "cups.csv", "texts/warm.txt", "texts/calm.txt", "texts/light.txt"]
    assert {path.name for path in campaign.folder.inputs.iterdir()} == {
        "manifest.yaml",
        *("0-prices.toml", "1-cups.csv", "3-calm.txt", "4-light.txt"),
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("texts/light.txt", "at night"),
        ("texts/warm.txt", "warmer"),
        ("prices.toml", 'enhance = "0.20"\n'),
        ("cups.csv", FILES["cups.csv"].replace("mug", "mug ")),
    ],
)
def test_a_saved_plan_does_not_fit_when_a_file_that_it_read_has_changed(
    mjpipe: Mjpipe, folder: Path, name: str, content: str
) -> None:
    mjpipe("plan", "cups.yaml", "--sandbox", "--out", "plan.json")
    write(folder, {name: content})
    refused = mjpipe("run", "cups.yaml", "--sandbox", "--plan", "plan.json", code=2)
    assert f"`{name}` has changed" in refused.stderr
