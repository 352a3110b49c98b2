"""The output folder: whose it is, where it is, and what stands in it before a run."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{sku: A, name: heron}, {sku: B, name: duck}], key: sku}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
FISH = BIRDS.replace("campaign: birds", "campaign: fish").replace('"a {{', '"two {{')


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def paid(service: SandboxServer) -> "Paid":
    return Paid(service)


@pytest.fixture
def mjpipe(service: SandboxServer) -> InProcess:
    return at(service)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "campaigns").mkdir()
    return tmp_path / "campaigns"


@pytest.fixture
def birds(home: Path) -> Path:
    path = home / "birds.yaml"
    path.write_text(BIRDS)
    return path


class Paid:
    """How many tasks the service has accepted since the test began."""

    def __init__(self, service: SandboxServer) -> None:
        self._service, self._before = service, len(service.tasks())

    def __call__(self) -> int:
        return len(self._service.tasks()) - self._before


def images(folder: Path) -> dict[str, str]:
    """SHA-256 of each image below a folder, by its path."""
    found = sorted(folder.rglob("*.png"))
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in found}


def test_each_of_two_campaigns_beside_each_other_has_an_output_folder_and_no_warning(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    fish = birds.with_name("fish.yaml")
    fish.write_text(FISH)
    for manifest in (birds, fish, birds, fish):
        assert "warning" not in mjpipe("plan", manifest).err
        assert "warning" not in mjpipe("run", manifest, "--yes").err
    assert sorted(path.name for path in (birds.parent / "out").iterdir()) == ["birds", "fish"]
    assert [len(images(birds.parent / "out" / name)) for name in ("birds", "fish")] == [8, 8]
    assert paid() == 4


@pytest.mark.parametrize("where", [(), ("--sandbox",)], ids=["service", "sandbox"])
def test_a_campaign_that_has_its_images_in_another_folder_stays_there_until_the_manifest_names_one(
    mjpipe: InProcess, birds: Path, where: tuple[str, ...]
) -> None:
    """As those of older releases have, whose usual folder was `out`."""
    ending = ".sandbox" if where else ""
    birds.write_text(BIRDS + "outputs: {dir: out}\n")
    mjpipe("run", birds, "--yes", *where)
    made = images(birds.parent)
    assert {path.split("/")[0] for path in made} == {f"out{ending}"}
    birds.write_text(BIRDS.replace("name: duck", "name: swan"))
    for command in ("plan", "status", "report"):
        assert "warning" not in mjpipe(command, birds, *where).err
    mjpipe("run", birds, "--yes", *where)
    assert {path: digest for path, digest in images(birds.parent).items() if "/hero/A" in path} == {
        path: digest for path, digest in made.items() if "/hero/A" in path
    }
    assert not (birds.parent / "out" / f"birds{ending}").exists()
    birds.write_text(BIRDS + "outputs: {dir: out/birds}\n")
    assert mjpipe("run", birds, *where).out.splitlines()[-1] == "all done"
    assert (
        images(birds.parent / "out" / f"birds{ending}").items()
        >= {path.removeprefix(f"out{ending}/"): digest for path, digest in made.items()}.items()
    )


def test_manifest_and_output_folder_may_be_moved_together(mjpipe: InProcess, birds: Path, paid: Paid) -> None:
    mjpipe("run", birds, "--yes")
    made = images(birds.parent)
    moved = birds.parent.rename(birds.parent.with_name("moved"))
    said = mjpipe("run", moved / birds.name)
    assert (said.out.splitlines()[-1], "warning" in said.err) == ("all done", False)
    assert (images(moved), paid()) == (made, 2)


def test_an_output_folder_is_found_from_the_manifests_folder_wherever_the_state_is(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    birds.write_text(BIRDS + "outputs: {dir: pictures}\n")
    state = birds.parent / "elsewhere"
    mjpipe("run", birds, "--yes", "--state", state)
    birds.write_text(BIRDS)
    assert mjpipe("run", birds, "--state", state).out.splitlines()[-1] == "all done"
    assert ({path.split("/")[0] for path in images(birds.parent)}, paid()) == ({"pictures"}, 2)


def marker(outputs: Path) -> dict[str, object]:
    said: dict[str, object] = json.loads((outputs / ".mjpipe-outputs.json").read_text("utf-8"))
    return said


def state_id(state: Path) -> str:
    with closing(sqlite3.connect(state / "ledger.sqlite")) as ledger:
        ((name,),) = ledger.execute("SELECT value FROM bindings WHERE name = 'name'")
        return str(name)


def lose_all_records(home: Path) -> None:
    """State, receipts and reports; the images stay."""
    shutil.rmtree(home / ".mjpipe")
    for folder in home.glob("*.receipts"):
        shutil.rmtree(folder)
    for assets in home.rglob("assets.jsonl"):
        assets.unlink()


@pytest.mark.parametrize(("where", "ending"), [((), ""), (("--sandbox",), ".sandbox")], ids=["service", "sandbox"])
def test_an_output_folder_says_whose_it_is(mjpipe: InProcess, birds: Path, where: tuple[str, ...], ending: str) -> None:
    mjpipe("run", birds, "--yes", *where)
    outputs = birds.parent / "out" / f"birds{ending}"
    assert marker(outputs) == {
        "mjpipe": 1,
        "campaign": "birds",
        "state": state_id(birds.parent / ".mjpipe" / f"birds{ending}"),
        "manifest": "../../birds.yaml",
    }
    written = (outputs / ".mjpipe-outputs.json").stat()
    mjpipe("run", birds, *where)
    assert (outputs / ".mjpipe-outputs.json").stat() == written


def test_a_run_that_may_send_nothing_marks_no_folder(mjpipe: InProcess, birds: Path) -> None:
    mjpipe("run", birds, code=2)
    mjpipe("plan", birds)
    assert not (birds.parent / "out").exists()


@pytest.mark.parametrize("there", ["images", "nothing else"])
def test_the_output_folder_of_another_campaign_is_refused(
    mjpipe: InProcess, birds: Path, paid: Paid, there: str
) -> None:
    mjpipe("run", birds, "--yes")
    outputs = birds.parent / "out" / "birds"
    if there == "nothing else":
        for folder in ("hero", "report"):
            shutil.rmtree(outputs / folder)
        (outputs / "assets.jsonl").unlink()
    before = images(birds.parent)
    fish = birds.with_name("fish.yaml")
    fish.write_text(FISH + "outputs: {dir: out/birds}\n")
    fact = f"the output folder `{outputs}` belongs to campaign `birds`, of `{birds}`"
    remedy = (
        "help: give this campaign an `outputs.dir` of its own;"
        " if it was named `birds` before, write `was: birds` at the top of the manifest"
    )
    assert mjpipe("run", fish, "--yes", code=2).err.splitlines()[:2] == [f"error: {fact}", remedy]
    for looking in ("plan", "validate"):
        assert mjpipe(looking, fish).err.splitlines()[:2] == [f"warning: {fact}", remedy]
    assert (images(birds.parent), paid()) == (before, 2)
    fish.write_text(FISH)
    assert "warning" not in mjpipe("run", fish, "--yes").err


def test_the_sandboxs_folder_of_another_campaign_is_a_warning(mjpipe: InProcess, birds: Path) -> None:
    birds.write_text(BIRDS + "outputs: {dir: shared}\n")
    mjpipe("run", birds, "--sandbox")
    fish = birds.with_name("fish.yaml")
    fish.write_text(FISH.replace("sku: A", "sku: C").replace("sku: B", "sku: D") + "outputs: {dir: shared}\n")
    said = mjpipe("run", fish, "--sandbox")
    assert f"warning: the output folder `{birds.parent / 'shared.sandbox'}` belongs to campaign `birds`" in said.err
    assert said.out.splitlines()[-1] == "all done"
    assert marker(birds.parent / "shared.sandbox")["campaign"] == "fish"


def test_a_state_under_another_campaigns_name_takes_its_folder_along(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    mjpipe("run", birds, "--yes")
    birds.write_text(BIRDS.replace("campaign: birds", "campaign: herons"))
    state = birds.parent / ".mjpipe" / "birds"
    assert "warning" not in mjpipe("plan", birds, "--state", state).err
    assert (mjpipe("run", birds, "--state", state).out.splitlines()[-1], paid()) == ("all done", 2)
    assert marker(birds.parent / "out" / "birds")["campaign"] == "herons"


def test_images_of_another_state_of_which_nothing_is_left_are_not_bought_again_without_a_word(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    mjpipe("run", birds, "--yes")
    lose_all_records(birds.parent)
    outputs = birds.parent / "out" / "birds"
    fact = (
        f"`{outputs}` has 8 images that another state of this campaign made,"
        " and neither `assets.jsonl` nor receipts say what was paid for them"
    )
    remedy = (
        "help: name that state with --state DIR; to make everything again, move the folder away"
        " or give this campaign an `outputs.dir` of its own"
    )
    assert mjpipe("run", birds, "--yes", code=2).err.splitlines()[:2] == [f"error: {fact}", remedy]
    assert mjpipe("plan", birds).err.splitlines()[:2] == [f"warning: {fact}", remedy]
    assert paid() == 2
    outputs.rename(birds.parent / "away")
    mjpipe("run", birds, "--yes")
    assert paid() == 4


def test_a_folder_of_another_state_that_has_no_images_is_free(mjpipe: InProcess, birds: Path, paid: Paid) -> None:
    mjpipe("run", birds, "--yes", "--budget", "0.05", code=4)  # nothing fits
    lose_all_records(birds.parent)
    assert "warning" not in mjpipe("run", birds, "--yes").err
    assert paid() == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"mjpipe": 1}',
        b'{"campaign": 1, "state": "a", "manifest": "b"}',
        b"<<<<<<< HEAD\n=======\n",
        b"\xff",
        b" " * (1 << 17),
    ],
)
def test_a_marker_that_cannot_be_read_is_named_before_anything_is_sent(
    mjpipe: InProcess, birds: Path, paid: Paid, content: bytes
) -> None:
    outputs = birds.parent / "out" / "birds"
    outputs.mkdir(parents=True)
    (outputs / ".mjpipe-outputs.json").write_bytes(content)
    code = 9 if len(content) > 1 << 16 else 2
    refused = mjpipe("run", birds, "--yes", code=code).err.splitlines()
    assert refused[-2].startswith(
        f"error: `{outputs / '.mjpipe-outputs.json'}`, which says whose the output folder is,"
    )
    assert refused[-1].startswith("help: remove it if the folder is this campaign's")
    assert paid() == 0
    (outputs / ".mjpipe-outputs.json").unlink()
    mjpipe("run", birds, "--yes")


@pytest.mark.parametrize(("theirs", "code"), [("birds", 0), ("fish", 2)])
def test_a_marker_that_git_could_not_merge_is_ours_if_both_sides_are(
    mjpipe: InProcess, birds: Path, paid: Paid, theirs: str, code: int
) -> None:
    """As two colleagues leave it who have both committed their images."""
    mjpipe("run", birds, "--yes")
    outputs = birds.parent / "out" / "birds"
    file = outputs / ".mjpipe-outputs.json"
    ours = file.read_text()
    other = json.dumps({**json.loads(ours), "campaign": theirs, "state": "ab12ab12ab12"})
    file.write_text(f"<<<<<<< HEAD\n{ours}||||||| base\n{ours}=======\n{other}\n>>>>>>> their-work\n")
    said = mjpipe("run", birds, "--yes", code=code).err
    assert said.startswith(f"error: the output folder `{outputs}` belongs to campaign `fish`" if code else "")
    assert ("cannot be read" in said, file.read_text() == ours) == (False, code == 0)
    assert paid() == 2


def test_a_folder_of_an_older_release_belongs_to_the_campaign_of_its_reports(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    birds.write_text(BIRDS + "outputs: {dir: shared}\n")
    mjpipe("run", birds, "--yes")
    outputs = birds.parent / "shared"
    (outputs / ".mjpipe-outputs.json").unlink()
    (outputs / "assets.jsonl").unlink()
    fish = birds.with_name("fish.yaml")
    fish.write_text(FISH + "outputs: {dir: shared}\n")
    fact = f"error: the output folder `{outputs}` belongs to campaign `birds`, by its `report/costs.json`"
    assert mjpipe("run", fish, "--yes", code=2).err.splitlines()[0] == fact
    assert "warning" not in mjpipe("run", birds).err
    assert (marker(outputs)["campaign"], paid()) == ("birds", 2)


def test_what_stands_in_the_places_of_reports_is_named_before_anything_is_sent(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    reports = birds.parent / "out" / "birds" / "report"
    remedy = "help: move it away, or give this campaign an `outputs.dir` of its own"
    reports.parent.mkdir(parents=True)
    reports.write_text("mine")
    fact = f"error: `{reports}` is no folder, and the reports go into a folder of that name"
    assert mjpipe("run", birds, "--yes", code=2).err.splitlines() == [fact, remedy]
    reports.unlink()
    (reports / "costs.csv").mkdir(parents=True)
    fact = f"error: `{reports / 'costs.csv'}` is a folder, and the report goes into a file of that name"
    assert mjpipe("run", birds, "--yes", code=2).err.splitlines() == [fact, remedy]
    (reports / "costs.csv").rmdir()
    (reports / "costs.csv").write_text("studio;rent\n")
    (reports / "costs.json").write_text('{"rent": 1}')
    facts = [
        f"error: `{reports / name}` is not a report of mjpipe, and a run would replace it"
        for name in ("costs.json", "costs.csv")
    ]
    assert mjpipe("run", birds, "--yes", code=2).err.splitlines() == [facts[0], remedy, facts[1], remedy]
    assert ((reports / "costs.csv").read_text(), paid()) == ("studio;rent\n", 0)


def test_a_report_that_somebody_has_saved_from_a_spreadsheet_is_still_ours(mjpipe: InProcess, birds: Path) -> None:
    mjpipe("run", birds, "--yes")
    reports = birds.parent / "out" / "birds" / "report"
    saved = "\ufeff" + (reports / "costs.csv").read_text("utf-8").replace(",", ";")
    (reports / "costs.csv").write_text(saved, "utf-8")
    assert "warning" not in mjpipe("run", birds).err
    lose_all_records(birds.parent)
    for image in (birds.parent / "out").rglob("*.png"):
        image.unlink()
    assert "warning" not in mjpipe("plan", birds).err


def test_files_in_the_places_of_images_are_counted_before_the_images_are_paid_for(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    heroes = birds.parent / "out" / "birds" / "hero"
    heroes.mkdir(parents=True)
    for name in ("A-0.png", "A-1.jpg", "B-2.webp", "B-3.png", "B-0.txt", "C-0.png"):
        (heroes / name).write_bytes(b"mine")
    warning = (
        "warning: places of images are taken by 4 files that mjpipe did not write:"
        " `hero/A-0.png`, `hero/A-1.jpg`, `hero/B-2.webp`, ..."
    )
    remedy = "help: move them away, or change `outputs.path`; until then these images wait in the state folder"
    for looking in ("plan", "run"):
        said = mjpipe(looking, birds, *(("--yes",) if looking == "run" else ()), code=None)
        assert said.err.splitlines()[:2] == [warning, remedy], said
    assert said.code == 1
    assert "warning" not in mjpipe("validate", birds).err
    assert (paid(), (heroes / "A-0.png").read_bytes()) == (2, b"mine")


def test_a_file_where_a_folder_of_images_should_be_is_one(mjpipe: InProcess, birds: Path) -> None:
    (birds.parent / "out" / "birds").mkdir(parents=True)
    (birds.parent / "out" / "birds" / "hero").write_bytes(b"mine")
    warning = "warning: places of images are taken by 1 file that mjpipe did not write: `hero`"
    assert mjpipe("plan", birds).err.splitlines()[0] == warning


def test_the_campaigns_own_images_are_in_nobodys_way(mjpipe: InProcess, birds: Path) -> None:
    """Those of a part, of what is made again, of orphans, and under other paths."""
    mjpipe("run", birds, "--yes", "--select", "hero/A")
    assert "warning" not in mjpipe("plan", birds).err
    for prompt in ("one {{ name }}", "three {{ name }}"):
        birds.write_text(BIRDS.replace("a {{ name }}", prompt))
        assert "warning" not in mjpipe("plan", birds).err
        assert "warning" not in mjpipe("run", birds, "--yes").err
    birds.write_text(BIRDS.replace("{sku: A, name: heron}, {sku: B", "{sku: A, name: swan}, {sku: C"))
    assert "warning" not in mjpipe("run", birds, "--yes").err


def lost(home: Path) -> None:
    """The state, and the receipts, which older releases did not write."""
    shutil.rmtree(home / ".mjpipe")
    for folder in home.glob("*.receipts"):
        shutil.rmtree(folder)


@pytest.mark.parametrize("where", [(), ("--sandbox",)], ids=["service", "sandbox"])
def test_where_a_state_is_lost_the_usual_folder_of_older_releases_is_looked_at(
    mjpipe: InProcess, birds: Path, paid: Paid, where: tuple[str, ...]
) -> None:
    birds.write_text(BIRDS + "outputs: {dir: out}\n")
    mjpipe("run", birds, "--yes", *where)
    outputs = birds.parent / ("out.sandbox" if where else "out")
    (outputs / ".mjpipe-outputs.json").unlink()
    lost(birds.parent)
    birds.write_text(BIRDS)
    before = paid()
    said = mjpipe("run", birds, "--yes", *where, code=0 if where else 2).err
    assert str(outputs / "assets.jsonl") in said
    assert paid() == before
    fish = birds.with_name("fish.yaml")
    fish.write_text(FISH)
    assert "warning" not in mjpipe("run", fish, "--yes", *where).err
    assert len(images(birds.parent / "out" / f"fish{'.sandbox' if where else ''}")) == 8


def test_where_a_state_is_lost_the_folder_of_a_former_name_is_looked_at(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    mjpipe("run", birds, "--yes")
    lost(birds.parent)
    birds.write_text(BIRDS.replace("campaign: birds", "campaign: herons\nwas: birds"))
    refused = mjpipe("run", birds, "--yes", code=2).err
    assert str(birds.parent / "out" / "birds" / "assets.jsonl") in refused
    assert "belongs to campaign" not in refused
    assert paid() == 2


def test_a_renamed_campaign_stays_in_its_folder_and_its_marker_gets_the_new_name(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    mjpipe("run", birds, "--yes")
    made = images(birds.parent)
    birds.write_text(BIRDS.replace("campaign: birds", "campaign: herons\nwas: birds"))
    assert "warning" not in mjpipe("plan", birds).err
    assert "warning" not in mjpipe("run", birds).err
    assert (images(birds.parent), paid()) == (made, 2)
    assert marker(birds.parent / "out" / "birds")["campaign"] == "herons"


def test_images_that_the_state_has_lost_are_not_somebody_elses(mjpipe: InProcess, birds: Path, paid: Paid) -> None:
    for beside in ("receipts", "assets.jsonl"):
        mjpipe("run", birds, "--yes")
        made = paid()
        shutil.rmtree(birds.parent / ".mjpipe")
        if beside == "receipts":
            (birds.parent / "out" / "birds" / "assets.jsonl").unlink()
        else:
            shutil.rmtree(birds.parent / "birds.receipts")
        refused = mjpipe("run", birds, "--yes", code=2).err
        assert ("mjpipe did not write" in refused, "another state" in refused, paid()) == (False, False, made), refused
        shutil.rmtree(birds.parent / ".mjpipe")
        shutil.rmtree(birds.parent / "out")
        shutil.rmtree(birds.parent / "birds.receipts", ignore_errors=True)


def test_unchanged_images_that_a_lost_state_of_the_sandbox_has_left_give_way(mjpipe: InProcess, birds: Path) -> None:
    mjpipe("run", birds, "--sandbox")
    outputs = birds.parent / "out" / "birds.sandbox"
    before = images(outputs)
    mine = outputs / "hero" / "A-0.png"
    mine.write_bytes((outputs / "hero" / "B-0.png").read_bytes())
    shutil.rmtree(birds.parent / ".mjpipe")
    birds.write_text(BIRDS.replace('"a {{', '"two {{'))
    mjpipe("run", birds, "--sandbox", code=1)
    after = images(outputs)
    assert after.keys() == before.keys()
    assert {path for path in before if before[path] == after[path]} == set()
    assert after["hero/A-0.png"] == before["hero/B-0.png"]


@pytest.mark.parametrize("before", ["out", "a former name"])
def test_what_is_adopted_stays_in_the_folder_in_which_it_was_found(
    mjpipe: InProcess, birds: Path, paid: Paid, before: str
) -> None:
    birds.write_text(BIRDS + ("outputs: {dir: out}\n" if before == "out" else ""))
    mjpipe("run", birds, "--yes")
    made = images(birds.parent)
    if before == "out":
        (birds.parent / "out" / ".mjpipe-outputs.json").unlink()
        birds.write_text(BIRDS)
    else:
        birds.write_text(BIRDS.replace("campaign: birds", "campaign: herons\nwas: birds"))
    lost(birds.parent)
    mjpipe("adopt", birds)
    for _ in range(2):
        assert mjpipe("run", birds, "--yes").out.splitlines()[-1] == "all done"
    assert (images(birds.parent), paid()) == (made, 2)


def test_an_output_folder_that_comes_after_the_adoption_is_found_by_another_one(
    mjpipe: InProcess, birds: Path, paid: Paid
) -> None:
    mjpipe("run", birds, "--yes")
    outputs, state = birds.parent / "out" / "birds", birds.parent / ".mjpipe" / "birds"
    shutil.rmtree(state.parent)
    outputs.rename(birds.parent / "away")
    mjpipe("adopt", birds)
    shutil.move(birds.parent / "away", outputs)
    assert mjpipe("run", birds, "--yes", code=2).err.splitlines()[:2] == [
        (
            f"error: `{outputs}` has 8 images that another state of this campaign made,"
            " and this state knows their tasks, and not that the images are there"
        ),
        f"help: `mv {state} {state}.old`, then `mjpipe adopt {birds}` finds them",
    ]
    state.rename(f"{state}.old")
    assert mjpipe("adopt", birds).out == "adopted 2 attempts ($0.40): 2 done\n"
    assert (mjpipe("run", birds, "--yes").out.splitlines()[-1], paid()) == ("all done", 2)
