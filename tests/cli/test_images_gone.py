"""Images that the service has no more, and images whose places are taken: what is reported, and what to type."""

import json
from hashlib import sha256
from pathlib import Path

from jsonschema import Draft202012Validator

from mjpipe.domain import bundled_folder
from tests.cli.in_process import at, sandbox

VALIDATOR = Draft202012Validator(json.loads((bundled_folder("schemas") / "assets.schema.json").read_text("utf-8")))
BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""
QUICK = 1_000_000.0
"""24 hours are less than a tenth of a second."""


SECOND_TIME_GONE = {"at": "image", "do": "gone", "each": 2}


def test_a_deleted_image_that_has_expired_is_named_as_gone_and_nothing_is_paid_again(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(BIRDS)
    with sandbox(tmp_path / "service", speed_up=QUICK, rules=[SECOND_TIME_GONE]) as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        (tmp_path / "out" / "birds" / "hero" / "heron-1.png").unlink()
        said = mjpipe("run", manifest, "--yes", code=1)
        reported = " ".join(said.out.split())
        assert "1 job failed: image 1 could not be fetched: `" in reported
        assert "[images_gone]" in reported
        assert said.out.splitlines()[-2:] == ["next: see why a job failed", f"mjpipe show {manifest} hero/heron"]
        status = json.loads(mjpipe("status", manifest, "--json").out)
        assert (status["jobs"]["failed"], status["jobs"]["done"], status["money"]["spent"]) == (1, 1, "0.40")
        assets = [json.loads(line) for line in (tmp_path / "out" / "birds" / "assets.jsonl").read_text().splitlines()]
        assert (len(assets), {asset["extra"] for asset in assets}) == (7, {False})
        plan = mjpipe.plan(manifest)
        assert (plan["jobs"]["to_submit"], plan["cost"]["high_usd"]) == (0, "0.00")
        mjpipe("run", manifest, "--yes", "--retry-failed", code=1)
        assert len(server.tasks()) == 2


def test_a_file_that_stands_in_the_way_is_named_before_the_command_that_goes_on(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(BIRDS)
    taken = tmp_path / "out" / "birds" / "hero" / "heron-1.png"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"mine")
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        said = mjpipe("run", manifest, "--yes", code=1).out
        again = f"mjpipe run {manifest}"
        assert said.splitlines()[-2:] == [
            f"next: move `{taken}` out of the way of your images, or change `outputs.path`; then run again",
            again,
        ]
        assert "help: move the file that is there, or change `outputs.path`; then run again" in " ".join(said.split())
        taken.rename(tmp_path / "mine.png")
        assert mjpipe("run", manifest).out.splitlines()[-1] == "all done"
        assert len(server.tasks()) == 2


def test_one_file_in_the_way_of_several_images_is_counted_once(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(BIRDS)
    (tmp_path / "out" / "birds").mkdir(parents=True)
    (tmp_path / "out" / "birds" / "hero").write_bytes(b"where a folder should be")
    with sandbox(tmp_path / "service") as server:
        said = at(server)("run", manifest, "--yes", code=1).out
    assert said.splitlines()[-2].startswith(
        f"next: move `{tmp_path / 'out' / 'birds' / 'hero'}` out of the way of your images,"
    )


def test_what_a_person_has_changed_is_reported_and_what_is_broken_is_fetched(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(BIRDS)
    outputs = tmp_path / "out" / "birds"
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes")
        retouched = (outputs / "hero" / "duck-0.png").read_bytes()
        (outputs / "hero" / "heron-1.png").write_bytes(retouched)
        (outputs / "hero" / "heron-2.png").write_bytes(b"")
        said = mjpipe("run", manifest)
        assert said.out.splitlines()[-1] == "all done"
        assert "1 image changed by hand, kept as it is: `hero/heron-1.png`" in said.out
        assert "`.orphans/hero/heron-2.png.aside-1`" in said.err
        assets = [json.loads(line) for line in (outputs / "assets.jsonl").read_text().splitlines()]
        for asset in assets:
            VALIDATOR.validate(asset)
            assert sha256((outputs / asset["path"]).read_bytes()).hexdigest() == asset["sha256"]
        assert [asset["path"] for asset in assets if asset["changed_by_hand"]] == ["hero/heron-1.png"]
        assert len(server.tasks()) == 2
