"""States that older releases wrote: nothing that was paid for is submitted again, and no sum moves by a cent.

Each fixture was written by the code of its day (`write_fixtures.py` says how), and so was its `expected.json`. They
stay as they are. A new rule that changes what a job sends, and with that its fingerprint, comes with a migration: it
gives the jobs that were made the fingerprint of the new form, and there is nothing to submit. These fixtures show it:

| fixture | the rule that changes its requests |
|---|---|
| versions | a version written `v8.1` is sent as `8.1` |
| lists | a list in a cell of JSON Lines stays a list |
| line-ends | line ends inside a cell are read as LF |
| decomposed | texts are read as NFC |
| urls-at-commas | a list of URLs is split at commas, too |

The others hold what may happen to a campaign: every example with its picks, a kill, jobs in doubt and at risk, rerolls,
what a person said of jobs in doubt, an image that somebody has changed. Of formats 3, 4 and 5 only some are kept:
they brought no rule about requests.
"""

import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import InProcess, Output
from tests.permissions import may_only_read, needs_permissions, shared_folder
from tests.upgrades.expectation import Expectation, images, seen

FORMATS = Path(__file__).parent
FIXTURES = {
    f"{path.parent.name}/{path.name.removesuffix('.tar.xz')}": path for path in sorted(FORMATS.glob("*/*.tar.xz"))
}
GOES_ON = [name for name, path in FIXTURES.items() if "in-doubt" not in name]
"""A run of the other would need the service that its state belongs to."""

READ_ONLY = [name for name in FIXTURES if "example" not in name and "killed" not in name]
"""What a killed run committed last cannot be read without writing. The examples are read as the others are."""

CURES = {"lists": {"{{ tags }}": "{{ tags | tojson }}"}}
"""What is an error today, and what its help says to write instead: it asks for the same."""

MJPIPE = InProcess({**os.environ, "NO_COLOR": "1"})


@dataclass(frozen=True, slots=True)
class Home:
    """A user's folder as an older release left it."""

    folder: Path
    expected: Expectation

    def __call__(self, command: str, *argv: str, code: int = 0) -> str:
        where = ["--sandbox"] if self.expected.sandbox else []
        return MJPIPE(command, self.folder / self.expected.manifest, *where, *argv, code=code).out

    def seen(self) -> dict[str, Any]:
        return seen(self.folder, json.loads(self("plan", "--json")), json.loads(self("status", "--json")))


def unpacked(name: str, folder: Path) -> Home:
    archive = FIXTURES[name]
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    home = Home(folder, Expectation.read(archive.with_name(archive.name.replace(".tar.xz", ".expected.json"))))
    for written, instead in CURES.get(name.partition("/")[2], {}).items():
        manifest = folder / home.expected.manifest
        assert written in manifest.read_text("utf-8")
        manifest.write_text(manifest.read_text("utf-8").replace(written, instead), "utf-8")
    return home


@pytest.mark.parametrize("name", FIXTURES)
def test_a_state_of_an_older_release_stands_and_costs_what_it_did(name: str, tmp_path: Path) -> None:
    home = unpacked(name, tmp_path)
    assert home.seen() == home.expected.before
    home("report")
    assert len(images(tmp_path)) >= home.expected.before["images"]


@pytest.fixture
def shared() -> Iterator[Path]:
    with shared_folder() as folder:
        yield folder


@needs_permissions
@pytest.mark.parametrize("name", READ_ONLY)
def test_so_it_does_for_somebody_who_may_only_read_it(name: str, shared: Path) -> None:
    home = unpacked(name, shared)
    with may_only_read(shared):
        assert home.seen() == home.expected.before


@pytest.mark.parametrize("name", GOES_ON)
def test_the_next_run_pays_for_nothing_that_was_paid_for(name: str, tmp_path: Path) -> None:
    home = unpacked(name, tmp_path)
    assert home.expected.after is not None
    expected = dict(home.expected.after)
    pictures = {*images(tmp_path).values()}
    home("run", code=expected.pop("code"))
    assert home.seen() == expected
    assert pictures <= {*images(tmp_path).values()}


def test_what_was_sent_as_v8_1_is_what_is_asked_for_as_8_1(tmp_path: Path) -> None:
    home = unpacked("format_2/versions", tmp_path)
    assert home("plan", "--against", str(tmp_path / "saved.json")) == "nothing differs\n"
    home("run", "--plan", str(tmp_path / "saved.json"))
    rows = tmp_path / "teapots.csv"
    rows.write_text(rows.read_text() + "T-3,green\n")  # an orphan that was made as `v8.1`
    back = json.loads(home("plan", "--json"))
    assert (back["jobs"]["to_submit"], back["jobs"]["done"]) == (0, home.expected.before["planned"]["done"] + 6)
    home("run")
    job = json.loads(home("show", "sharp/T-3", "--json"))
    assert job["request"]["version"] == "8.1"
    assert [attempt["request"]["version"] for attempt in job["attempts"]] == ["v8.1"]  # as it was sent
    rows.write_text(rows.read_text() + "T-4,grey\n")
    more = {node["name"]: node["cost"] for node in json.loads(home("plan", "--json"))["nodes"]}
    assert (more["sharp"]["low_usd"], more["sharp"]["unpriced_jobs"]) == ("0.30", 0)


@pytest.mark.parametrize("name", ["decomposed", "line-ends", "lists", "urls-at-commas"])
def test_what_only_the_receipts_of_an_older_release_say_is_adopted_and_not_paid_again(
    name: str, tmp_path: Path
) -> None:
    """Receipts have no requests, which an upgrade of the ledger goes by."""
    home = unpacked(f"format_5/{name}", tmp_path)
    for file in tmp_path.glob(".mjpipe/*/ledger.sqlite*"):
        file.unlink()
    home("adopt")
    jobs = json.loads(home("plan", "--json"))["jobs"]
    assert (jobs["to_submit"], jobs["done"]) == (0, home.expected.before["planned"]["done"])


@pytest.mark.parametrize("name", ["decomposed", "line-ends"])
def test_receipts_say_by_which_fingerprint_an_upgraded_state_knows_its_attempts(name: str, tmp_path: Path) -> None:
    """The images of a renamed source move, and its receipts say so; of what follows from it they say nothing new."""
    home = unpacked(f"format_5/{name}", tmp_path)
    home("run")
    manifest = tmp_path / home.expected.manifest
    text = manifest.read_text().replace("hero: {", "front: {was: hero, ").replace("from: hero", "from: front")
    manifest.write_text(text)
    home("run")
    for file in tmp_path.glob(".mjpipe/*/ledger.sqlite*"):
        file.unlink()
    home("adopt")
    jobs = json.loads(home("plan", "--json"))["jobs"]
    assert (jobs["to_submit"], jobs["done"]) == (0, home.expected.before["planned"]["done"])


def test_a_number_that_equals_a_text_by_now_buys_nothing_unasked_in_a_campaign_of_an_older_release(
    tmp_path: Path,
) -> None:
    """To those releases all texts differed from all numbers."""
    home = unpacked("format_5/lists", tmp_path)
    manifest = tmp_path / home.expected.manifest
    as_made = manifest.read_text()

    def plan_with(condition: str, code: int = 0) -> Output:
        said = f'prompt: "{{% if {condition} %}}{{% else %}}cheap {{% endif %}}a teapot,'
        manifest.write_text(as_made.replace('prompt: "a teapot,', said))
        return MJPIPE("plan", manifest, "--sandbox", "--json", code=code)

    refused = plan_with("price != 8", code=2)
    assert "error[MJ099]: `price` equals a number, and did not in the release that began" in refused.err
    assert json.loads(plan_with("price != 9").out)["jobs"]["to_submit"] == 0
    assert json.loads(plan_with("price | number != 8").out)["jobs"]["to_submit"] == 2  # a job, and what follows
    manifest.write_text(as_made.replace("key: sku}", "key: sku, where: price != 8}"))
    assert "MJ099" in MJPIPE("run", manifest, "--sandbox", code=2).err
