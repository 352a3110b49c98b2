"""Reports that are left alone say what they would say if they were written."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mjpipe.domain import Amount, Answered, Job, JobState, Money, UsageFault, Usd
from mjpipe.ledger import JobRecord, Ledger, Records
from mjpipe.report import Costs, Written, write_reports
from tests.report.campaign import TEAPOTS, Campaign, job, teapots

TABLES = ["assets.jsonl", "report/costs.csv"]
REPORTS = [*TABLES, "report/costs.json"]


def write(
    records: Records,
    outputs: Path,
    *,
    rewrite: bool = False,
    since: float | None = None,
    by: tuple[str, ...] = (),
    sandbox: bool = False,
) -> Written:
    return write_reports(records, outputs, replace(TEAPOTS, sandbox=sandbox), since=since, by=by, rewrite=rewrite)


def contents(outputs: Path) -> dict[str, bytes]:
    return {name: (outputs / name).read_bytes() for name in REPORTS}


def files(outputs: Path) -> list[int]:
    """Which files the tables are: another one after each writing."""
    return [(outputs / name).stat().st_ino for name in TABLES]


def kept(outputs: Path) -> list[int]:
    """The tables, each with a second name, so that their numbers are not given to others."""
    for name in TABLES:
        (outputs / f"{name}.kept").hardlink_to(outputs / name)
    return files(outputs)


def test_tables_that_say_what_they_would_say_are_left_alone_and_the_costs_tell_of_the_run(
    campaign: Campaign, tmp_path: Path
) -> None:
    teapots(campaign)
    write(campaign.records, tmp_path / "short")
    before = kept(tmp_path / "short")
    short = write(campaign.records, tmp_path / "short", since=campaign.now + 1, by=("style",))
    long = write(campaign.records, tmp_path / "long", since=campaign.now + 1, by=("style",), rewrite=True)
    assert files(tmp_path / "short") == before
    assert contents(tmp_path / "short") == contents(tmp_path / "long")
    assert (short.costs, short.attempts, short.images) == (long.costs, 7, 16)
    assert short.costs.last_run is not None
    assert short.costs.last_run.attempts == 0


def test_tables_that_are_asked_for_again_are_written(campaign: Campaign, tmp_path: Path) -> None:
    teapots(campaign)
    write(campaign.records, tmp_path)
    before = kept(tmp_path)
    write(campaign.records, tmp_path, rewrite=True)
    assert not set(before) & set(files(tmp_path))


def edited(path: Path) -> None:
    text = path.read_bytes()
    path.write_bytes(text.replace(b"hero", b"mine"))


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("mishap", [edited, truncated, deleted, replaced])
def test_a_table_that_a_person_changed_is_written_again(
    campaign: Campaign, tmp_path: Path, mishap: Callable[[Path], None], name: str
) -> None:
    teapots(campaign)
    write(campaign.records, tmp_path)
    before = contents(tmp_path)
    mishap(tmp_path / name)
    write(campaign.records, tmp_path)
    assert contents(tmp_path) == before


def test_a_campaign_that_moved_on_without_its_reports_gets_them(campaign: Campaign, tmp_path: Path) -> None:
    """As when a run was killed."""
    campaign.plan(job("hero/a"), job("hero/b"))
    first, second = campaign.intend().values()
    campaign.finish(first)
    assert write(campaign.records, tmp_path).images == 4
    campaign.finish(second)
    assert write(campaign.records, tmp_path).images == 8
    assert (tmp_path / "assets.jsonl").read_bytes().count(b"\n") == 8


def test_what_another_release_wrote_is_written_again(campaign: Campaign, tmp_path: Path) -> None:
    teapots(campaign)
    write(campaign.records, tmp_path)
    before = kept(tmp_path)
    words = campaign.records.reported()
    assert words is not None
    campaign.records.remember_reported(words.replace('["', '["9.'))
    write(campaign.records, tmp_path)
    assert not set(before) & set(files(tmp_path))


def test_the_sandboxs_reports_are_not_the_campaigns(campaign: Campaign, tmp_path: Path) -> None:
    teapots(campaign)
    write(campaign.records, tmp_path, sandbox=True)
    write(campaign.records, tmp_path)
    assert b'"sandbox": true' not in (tmp_path / "assets.jsonl").read_bytes()


def test_an_unknown_column_leaves_all_as_it_is(campaign: Campaign, tmp_path: Path) -> None:
    teapots(campaign)
    write(campaign.records, tmp_path)
    before = contents(tmp_path)
    with pytest.raises(UsageFault):
        write(campaign.records, tmp_path, by=("stlye",))
    assert contents(tmp_path) == before


def made(campaign: Campaign) -> None:
    for intent in campaign.intend(limit=1).values():
        campaign.finish(intent)
    campaign.release_followers()


def half_fetched(campaign: Campaign) -> None:
    for intent in campaign.intend(limit=1).values():
        task = campaign.accept(intent)
        campaign.succeed(task)
        campaign.fetch(task, images=2, reason="`hero/x-2.png` is somebody else's")


def failed(campaign: Campaign) -> None:
    for intent in campaign.intend(limit=1).values():
        campaign.fail(intent, "PromptInvalid", "=no", "the provider rejected the prompt")


def lost_and_made(campaign: Campaign) -> None:
    for intent in campaign.intend(limit=1).values():
        campaign.turn_away(
            intent, outcome=Answered.GATEWAY_FAULT, money=Money.AT_RISK, state=JobState.READY, code="504"
        )
        for again in campaign.intend(limit=1).values():
            campaign.finish(again)
        campaign.find_extra(intent.attempt, images=2)


def in_doubt(campaign: Campaign) -> None:
    for intent in campaign.intend(limit=1).values():
        campaign.turn_away(
            intent, outcome=Answered.UNKNOWN, money=Money.AT_RISK, state=JobState.IN_DOUBT, reason="lost"
        )


def under_way(campaign: Campaign) -> None:
    for intent in campaign.intend(limit=1).values():
        campaign.accept(intent)


def resolved(campaign: Campaign) -> None:
    doubts = [found.key for found in campaign.records.jobs(JobState.IN_DOUBT)]
    campaign.ledger.decisions.resolve_as_not_sent(*dict.fromkeys(doubts))


def pruned(campaign: Campaign) -> None:
    campaign.ledger.files.record_pruned(list(campaign.records.ledger.images.left_over()))


def rerolled(campaign: Campaign) -> None:
    """Asks for another result of the first job that has one."""
    results = {found.key: found.result.task for found in campaign.records.jobs() if found.wanted and found.result}
    asked = next((planned.key for planned in campaign.planned if planned.key in results), None)
    campaign.plan(
        *(
            planned._replace(reroll_of=results[planned.key] if planned.key == asked else None)
            for planned in campaign.planned
        )
    )


def nothing(campaign: Campaign) -> None:
    campaign.now += 1


DEEDS = (made, half_fetched, failed, lost_and_made, in_doubt, under_way, resolved, pruned, rerolled, nothing)


def planned(names: Iterable[str]) -> list[Job]:
    """A generation for each, of which `f` and later ones are unpriced, and an edit of every second one."""
    jobs = []
    for number, name in enumerate(names):
        row = {"sku": name, "line": "x"} if number % 3 else {"sku": name}
        jobs.append(job(f"hero/{name}", price=None if name > "e" else "0.20", row=row, labels={"tag": name[:0]}))
        if name in "aceg":
            request = {"mode": "image-edit", "speed": "turbo", "prompt": name}
            jobs.append(job(f"edit/{name}", price="0.30", request=dict(request), row=row, source=(f"hero/{name}", 0)))
    return jobs


PLANS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6).map(planned)
STEPS = st.lists(st.one_of(st.sampled_from(DEEDS), PLANS), max_size=14)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_after_any_history_the_short_way_gives_what_the_long_way_gives_and_the_records_say(
    steps: list[Callable[[Campaign], None] | list[Job]],
) -> None:
    ledger = Ledger.in_memory()
    campaign = Campaign(ledger)
    campaign.plan(*planned("abcd"))
    with TemporaryDirectory() as folder:
        short, long = Path(folder) / "short", Path(folder) / "long"
        for step in steps:
            since = campaign.now + 0.5
            if isinstance(step, list):
                campaign.plan(*step)
            else:
                step(campaign)
            costs = (
                write(campaign.records, short, since=since, by=("line", "tag")).costs if has_wanted(campaign) else None
            )
            words = campaign.records.reported()
            if costs is None:
                continue
            assert write(campaign.records, long, since=since, by=("line", "tag"), rewrite=True).costs == costs
            campaign.records.remember_reported(str(words))
            assert contents(short) == contents(long)
            assert_as_recorded(costs, list(campaign.records.jobs()), since)
    ledger.close()


def has_wanted(campaign: Campaign) -> bool:
    """Without jobs there are no columns to ask for."""
    return any({"line", "tag"} <= {*found.row, *found.labels} for found in campaign.records.jobs() if found.wanted)


def assert_as_recorded(costs: Costs, jobs: list[JobRecord], since: float) -> None:
    """Adds up job by job, in the plainest way."""
    wanted = [found for found in jobs if found.wanted]
    assert costs.wanted.jobs == {state: sum(found.state is state for found in wanted) for state in JobState}
    assert costs.wanted.planned == total(found.price for found in wanted if found.state is not JobState.UNPICKED)
    for money, amount in ((Money.SPENT, costs.spent), (Money.RESERVED, costs.reserved), (Money.AT_RISK, costs.at_risk)):
        assert amount == total(tried.price for found in jobs for tried in found.attempts if tried.money is money)
    paid = [(found, tried) for found in jobs for tried in found.attempts if tried.money is Money.SPENT]
    assert costs.extras == total(tried.price for found, tried in paid if tried is not found.result)
    results = [result for found in wanted if (result := found.result) is not None]
    assert costs.last_run is not None
    assert costs.last_run.reused == total(result.price for result in results if result.intended < since)
    assert costs.last_run.attempts == sum(tried.intended >= since for found in jobs for tried in found.attempts)
    assert Counter({node: group.total for node, group in costs.nodes.items()}) == Counter(
        found.node for found in wanted
    )
    assert [*costs.nodes] == [*dict.fromkeys(found.node for found in wanted)]
    for column in ("line", "tag"):
        values = [found.labels.get(column, found.row.get(column)) for found in wanted]
        assert [*costs.by[column]] == [*dict.fromkeys(values)]
        assert {value: group.total for value, group in costs.by[column].items()} == Counter(values)


def total(prices: Iterable[Usd | None]) -> Amount:
    return sum((Amount(usd=price, priced=1) if price is not None else Amount(unpriced=1) for price in prices), Amount())
