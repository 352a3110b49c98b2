import csv
import io
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import JobState, Kind, StateFault, UsageFault, decimal_text, from_micros
from mjpipe.ledger import Ledger, Records
from mjpipe.report import Written, collect_costs, write_reports
from mjpipe.report.formats.costs_json import costs_document
from tests.report.campaign import TEAPOTS, Campaign, job, teapots

REPORTS = ["assets.jsonl", "report/costs.csv", "report/costs.json"]


def write(
    records: Records, outputs: Path, *, since: float | None = None, by: tuple[str, ...] = (), sandbox: bool = False
) -> Written:
    return write_reports(records, outputs, replace(TEAPOTS, sandbox=sandbox), since=since, by=by)


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def table(written: Written) -> list[dict[str, str]]:
    with written.costs_csv.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def assets(written: Written) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.assets.read_text("utf-8").split("\n")[:-1]]


def test_the_reports_stand_below_the_output_folder_and_nothing_else_does(campaign: Campaign, tmp_path: Path) -> None:
    since = teapots(campaign)
    written = write(campaign.records, tmp_path / "out", since=since)
    assert files_below(tmp_path / "out") == REPORTS
    assert [written.assets, written.costs_csv, written.costs_json] == [tmp_path / "out" / name for name in REPORTS]
    assert (written.attempts, written.images) == (7, 16)


def test_costs_json_is_the_document_of_the_same_costs(campaign: Campaign, tmp_path: Path) -> None:
    since = teapots(campaign)
    written = write(campaign.records, tmp_path, since=since, by=("style",))
    costs = collect_costs(campaign.records, TEAPOTS, since=since, by=("style",))
    assert written.costs == costs
    assert json.loads(written.costs_json.read_text("utf-8")) == costs_document(costs)


def test_costs_csv_has_a_line_for_each_attempt(campaign: Campaign, tmp_path: Path) -> None:
    campaign.plan(
        job("hero/a", row={"sku": "T-01", "style": "studio"}, labels={"season": "spring"}, take=0),
        job(
            "final/a/2",
            kind=Kind.UPSCALE,
            price=None,
            request={"mode": "upscale", "imageIndex": 2},
            row={"sku": "T-01", "shop": "b, c"},
            source=("hero/a", 2),
        ),
        job("hero/b"),
    )
    campaign.fail(campaign.intend(limit=1)["hero/a"], "Task TimeOut", "late", "late", state=JobState.READY)
    campaign.finish(campaign.intend(limit=1)["hero/a"])
    assert write(campaign.records, tmp_path, sandbox=True).costs_csv.read_bytes().decode() == (
        "key,node,mode,speed,take,source,image,state,wanted,attempt,task,outcome,fail_code,fail_message,price,money,"
        "result,intended,answered,created,completed,finished,images,sandbox,row.sku,row.style,label.season\r\n"
        "hero/a,hero,text-to-image,fast,0,,,done,true,1,task_0001,accepted,Task TimeOut,late,0.20,at_risk,false,"
        "2026-11-22T21:00:01.000Z,2026-11-22T21:00:02.000Z,,,2026-11-22T21:00:03.000Z,0,true,T-01,studio,spring\r\n"
        "hero/a,hero,text-to-image,fast,0,,,done,true,2,task_0002,accepted,,,0.20,spent,true,"
        "2026-11-22T21:00:04.000Z,2026-11-22T21:00:05.000Z,2026-11-22T21:00:05.250Z,2026-11-22T21:00:45.500Z,"
        "2026-11-22T21:00:06.000Z,4,true,T-01,studio,spring\r\n"
    )


def test_columns_that_only_later_rows_have_stand_in_every_line(campaign: Campaign, tmp_path: Path) -> None:
    campaign.plan(
        job("hero/a", row={"sku": "1"}, labels={"season": "spring"}),
        job("hero/b", row={"sku": "2", "style": "studio"}),
        job("hero/c", row={"key": "3"}, price=None),
    )
    for intent in campaign.intend().values():
        campaign.finish(intent)
    names = ["key", "price", "row.sku", "row.style", "row.key", "label.season"]
    assert [[line[name] for name in names] for line in table(write(campaign.records, tmp_path))] == [
        ["hero/a", "0.20", "1", "", "", "spring"],
        ["hero/b", "0.20", "2", "studio", "", ""],
        ["hero/c", "", "", "", "3", ""],
    ]


def test_any_cell_comes_back_from_the_table_as_it_was(campaign: Campaign, tmp_path: Path) -> None:
    odd = {
        "a": 'say "hi", now',
        "b": "two\nlines",
        "c": "lone\rreturn",
        "d": " füß ☕ ",
        "e": "x" * 200_000,
        "f": "\u2028",
    }
    campaign.plan(job("hero/a", row=odd))
    campaign.finish(campaign.intend()["hero/a"])
    written = write(campaign.records, tmp_path)
    before = csv.field_size_limit(1_000_000)
    try:
        (line,) = table(written)
    finally:
        csv.field_size_limit(before)
    assert {name: line[f"row.{name}"] for name in odd} == odd
    assert assets(written)[0]["row"] == odd


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+SUM(A1)",
        "-2+3",
        "@A1",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff201",
        "+",
        "- red",
    ],
)
def test_what_a_spreadsheet_would_carry_out_is_text_in_the_table(campaign: Campaign, tmp_path: Path, text: str) -> None:
    campaign.plan(job("hero/a", row={text: text}, labels={text: text}))
    campaign.fail(campaign.intend()["hero/a"], text, text, text)
    (line,) = table(write(campaign.records, tmp_path))
    inert = f"'{text}"
    assert [line["fail_code"], line["fail_message"], line[f"row.{text}"], line[f"label.{text}"]] == [inert] * 4


@pytest.mark.parametrize("text", ["-5", "+3.50", "-0,25", "a=b", "'=1", "", " =1", "T-01", "5"])
def test_other_cells_stay_as_they_are(campaign: Campaign, tmp_path: Path, text: str) -> None:
    campaign.plan(job("hero/a", row={"note": text}))
    campaign.finish(campaign.intend()["hero/a"])
    (line,) = table(write(campaign.records, tmp_path))
    assert line["row.note"] == text


def test_an_asset_has_all_that_led_to_the_image(campaign: Campaign, tmp_path: Path) -> None:
    campaign.plan(
        job("hero/a"),
        job(
            "final/a/2",
            kind=Kind.UPSCALE,
            price="0.30",
            request={"mode": "upscale", "imageIndex": 2, "type": 0},
            row={"sku": "T-01"},
            labels={"season": "spring"},
            source=("hero/a", 2),
            take=1,
            lead="2-t1",
        ),
    )
    campaign.finish(campaign.intend()["hero/a"])
    campaign.release_followers()
    campaign.finish(campaign.intend()["final/a/2"], images=1)
    *hero, final = assets(write(campaign.records, tmp_path, sandbox=True))
    (uid,) = [attempt.uid for job in campaign.records.jobs() for attempt in job.attempts if job.key == "final/a/2"]
    assert [line["path"] for line in hero] == [f"hero/a-{number}.png" for number in range(4)]
    assert final == {
        "schema_version": 1,
        "path": "final/a/2-0.png",
        "sha256": "0" * 64,
        "size": 1000,
        "changed_by_hand": False,
        "width": 1024,
        "height": 768,
        "media_type": "image/png",
        "image": "2-t1",
        "picked": None,
        "host": "sandbox.example",
        "campaign": "teapots",
        "node": "final",
        "first_node": "final",
        "key": "final/a/2",
        "fingerprint": b"final/a/2".hex(),
        "attempt": uid,
        "number": 0,
        "take": 1,
        "orphan": False,
        "extra": False,
        "sandbox": True,
        "row": {"sku": "T-01"},
        "labels": {"season": "spring"},
        "source": {"key": "hero/a", "task": hero[0]["taskId"], "number": 2},
        "request": {"mode": "upscale", "imageIndex": 2, "type": 0, "taskId": "task_0001"},
        "taskId": "task_0002",
        "price": "0.30",
        "image_price": "0.30",
        "times": {
            "intended": "2026-11-22T21:00:05.000Z",
            "answered": "2026-11-22T21:00:06.000Z",
            "created": "2026-11-22T21:00:06.250Z",
            "completed": "2026-11-22T21:00:46.500Z",
            "finished": "2026-11-22T21:00:07.000Z",
            "fetched": "2026-11-22T21:00:08.000Z",
        },
    }


@given(tasks=st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(0, 5), st.integers(0, 5)), max_size=6))
def test_the_prices_of_images_add_up_to_what_was_spent_on_tasks_with_images(tasks: list[tuple[int, int, int]]) -> None:
    """Each with its price in millionths, how many images came, and at most how many of them are on disk."""
    with closing(Ledger.in_memory()) as ledger, TemporaryDirectory() as folder:
        campaign = Campaign(ledger)
        campaign.plan(
            *(job(f"hero/{name}", price=decimal_text(from_micros(price))) for name, (price, *_) in enumerate(tasks))
        )
        for name, intent in campaign.intend().items():
            _, came, on_disk = tasks[int(name.partition("/")[2])]
            task = campaign.accept(intent)
            campaign.succeed(task, images=came)
            campaign.fetch(task, images=min(came, on_disk), reason="the others are missing")
        lines = assets(write(campaign.records, Path(folder)))
        spent = {line["taskId"]: Decimal(str(line["price"])) for line in lines}
        assert sum(Decimal(str(line["image_price"])) for line in lines) == sum(spent.values())
        assert sum(spent.values()) * 1_000_000 == sum(price for price, came, on_disk in tasks if came and on_disk)


def test_assets_are_the_images_on_disk_in_the_order_of_the_plan_and_then_the_orphans(
    campaign: Campaign, tmp_path: Path
) -> None:
    first = [job("hero/a"), job("hero/b"), job("hero/c")]
    campaign.plan(*first)
    intents = campaign.intend()
    for name in ("hero/c", "hero/a"):
        campaign.finish(intents[name], images=1)
    task = campaign.accept(intents["hero/b"])
    campaign.succeed(task, images=3)
    campaign.fetch(task, images=2, reason="image 2 is broken")
    campaign.plan(first[2], first[1])
    lines = assets(write(campaign.records, tmp_path))
    assert [(line["path"], line["orphan"]) for line in lines] == [
        ("hero/c-0.png", False),
        ("hero/b-0.png", False),
        ("hero/b-1.png", False),
        ("hero/a-0.png", True),
    ]


def test_only_the_input_of_a_request_is_reported(campaign: Campaign, tmp_path: Path) -> None:
    """A callback URL has the token that proves an answer to be the service's."""

    def body(_: object) -> bytes:
        return json.dumps({"callback_url": "https://me.example/token-1", "input": {"mode": "reroll"}}).encode()

    campaign.plan(job("hero/a"))
    (intent,) = campaign.ledger.submissions.intend(
        limit=1, budget=None, cap=None, now=campaign.now, elapsed=0.0, body=body
    ).intents
    campaign.finish(intent)
    written = write(campaign.records, tmp_path)
    assert assets(written)[0]["request"] == {"mode": "reroll"}
    assert not [name for name in REPORTS if "token-1" in (tmp_path / name).read_text("utf-8")]


def test_a_campaign_without_attempts_has_empty_reports(campaign: Campaign, tmp_path: Path) -> None:
    campaign.plan(job("hero/a", row={"sku": "1"}))
    written = write(campaign.records, tmp_path)
    assert (written.assets.read_text("utf-8"), table(written)) == ("", [])
    assert len(next(csv.reader(io.StringIO(written.costs_csv.read_text("utf-8"))))) == 24


def test_writing_again_gives_the_same_bytes(campaign: Campaign, tmp_path: Path) -> None:
    since = teapots(campaign)
    write(campaign.records, tmp_path, since=since)
    before = [(tmp_path / name).read_bytes() for name in REPORTS]
    write(campaign.records, tmp_path, since=since)
    assert [(tmp_path / name).read_bytes() for name in REPORTS] == before


def test_what_a_killed_process_left_is_swept_away(campaign: Campaign, tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / ".assets.jsonl.part").write_text('{"path":')
    (tmp_path / "report" / ".costs.csv.part").write_text("key,")
    write(campaign.records, tmp_path)
    assert files_below(tmp_path) == REPORTS


def unknown_column(campaign: Campaign, outputs: Path) -> None:
    with pytest.raises(UsageFault):
        write(campaign.records, outputs, by=("stlye",))


def full_disk(campaign: Campaign, outputs: Path) -> None:
    (outputs / "report" / "costs.json").unlink()
    (outputs / "report" / "costs.json").mkdir()
    with pytest.raises(StateFault, match=r"`.*costs\.json` cannot be written"):
        write(campaign.records, outputs)
    (outputs / "report" / "costs.json").rmdir()
    (outputs / "report" / "costs.json").write_text("before")


@pytest.mark.parametrize("mishap", [unknown_column, full_disk])
def test_reports_that_cannot_be_written_leave_the_old_ones(
    campaign: Campaign, tmp_path: Path, mishap: Callable[[Campaign, Path], None]
) -> None:
    teapots(campaign)
    write(campaign.records, tmp_path)
    for name in REPORTS:
        (tmp_path / name).write_text("before")
    mishap(campaign, tmp_path)
    assert files_below(tmp_path) == REPORTS
    assert [(tmp_path / name).read_text() for name in REPORTS] == ["before"] * 3


def test_a_file_in_the_folders_place_is_named(campaign: Campaign, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(StateFault) as caught:
        write(campaign.records, tmp_path / "out")
    assert str(caught.value) == f"`{tmp_path / 'out' / 'assets.jsonl'}` cannot be written: not a directory"
    assert (tmp_path / "out").read_text() == "mine"


def test_reports_can_be_written_while_a_run_writes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger.open(path)
    campaign = Campaign(ledger)
    teapots(campaign)
    records = Records.open(path)
    ledger.connection.execute("BEGIN IMMEDIATE")
    written = write(records, tmp_path / "out")
    ledger.connection.execute("COMMIT")
    records.close()
    ledger.close()
    assert (written.attempts, written.images) == (7, 16)
