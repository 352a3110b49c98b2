"""A lost state is made again of its receipts: nothing that was paid for is bought again."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from mjpipe.domain import Answered, Fingerprint, Job, JobKey, JobState, Money, TaskId, usd
from mjpipe.ledger import InFlight, JobRecord, Ledger, NewBindings, Records, Stored, Verdict
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom
from tests.ledger.jobs import (
    adopt,
    decline,
    fetch,
    follow_up,
    generation,
    intend,
    make,
    renamed,
    states,
    submit,
    succeed,
)
from tests.ledger.receipts.of_ledger import receipt_lines, recorded, sha256_of

HERO = generation("T-1")
FINAL = follow_up(HERO, 0)
NOW = 100.0


def _jobs(ledger: Ledger) -> list[JobRecord]:
    return list(Records(ledger.connection).jobs())


def _recovered(lost: Ledger, *plan: Job, into: Ledger | None = None, outputs: Path | None = None) -> Ledger:
    """Another ledger, after it has taken over what the receipts of a lost one say."""
    ledger = into or Ledger.in_memory()
    attempts = ledger.tasks.unknown_attempts(recorded(receipt_lines(lost)))
    ledger.recover(attempts, now=NOW, host="api.test", outputs=outputs)
    adopt(ledger, *plan)
    return ledger


def _lost(*plan: Job) -> Ledger:
    ledger = Ledger.in_memory()
    adopt(ledger, *plan)
    return ledger


def _to_submit(ledger: Ledger) -> list[str]:
    return [intent.key for intent in intend(ledger).intents]


def test_what_is_done_is_done_again() -> None:
    lost = _lost(HERO, FINAL)
    make(lost)
    make(lost)
    ledger = _recovered(lost, HERO, FINAL)
    assert [(job.key, job.state, job.wanted) for job in _jobs(ledger)] == [
        (HERO.key, JobState.DONE, True),
        (FINAL.key, JobState.DONE, True),
    ]
    assert ledger.balance() == lost.balance()
    assert _to_submit(ledger) == []
    assert ledger.bindings.get("host") == "api.test"


def test_a_recovered_job_has_all_that_the_plan_and_the_receipts_say() -> None:
    lost = _lost(HERO, FINAL)
    make(lost)
    make(lost)
    before, after = _jobs(lost), _jobs(_recovered(lost, HERO, FINAL))
    for one, other in zip(before, after, strict=True):
        (was,), (attempt,) = one.attempts, other.attempts
        assert attempt.request == was.request
        images = tuple(
            replace(image, url="", fetched=None, sha256=sha256_of(str(image.sha256))) for image in was.images
        )
        as_before = replace(was, recovered=RecoveredFrom.RECEIPTS, images=images, body=attempt.body)
        assert attempt == as_before
        assert replace(other, why=one.why, attempts=(), attempt=None) == replace(one, attempts=(), attempt=None)


def test_without_a_plan_all_are_orphans_with_what_they_cost() -> None:
    lost = _lost(HERO, FINAL)
    make(lost)
    make(lost)
    ledger = _recovered(lost)
    assert [(job.key, job.wanted) for job in _jobs(ledger)] == [(HERO.key, False), (FINAL.key, False)]
    assert ledger.balance() == lost.balance()


def test_what_is_in_flight_is_asked_for() -> None:
    lost = _lost(HERO)
    (task,) = submit(lost, now=5.0)
    ledger = _recovered(lost, HERO)
    (found,) = ledger.submissions.in_flight()
    assert (found.task, found.key, found.accepted, found.extra, found.request) == (
        task.task,
        HERO.key,
        5.0,
        False,
        HERO.request,
    )
    assert ledger.balance() == lost.balance()


def test_an_intent_without_an_answer_is_in_doubt() -> None:
    lost = _lost(HERO)
    intend(lost)
    ledger = _recovered(lost, HERO)
    (job,) = _jobs(ledger)
    assert (job.state, job.code, job.attempts[0].outcome) == (JobState.IN_DOUBT, "no_answer", Answered.UNKNOWN)
    assert ledger.balance().at_risk == usd("0.20")
    assert _to_submit(ledger) == []


def test_an_answer_of_a_gateway_waits_for_a_person_when_nothing_came_after_it() -> None:
    lost = _lost(HERO)
    (intent,) = intend(lost).intents
    lost.submissions.record_no_task(
        intent,
        outcome=Answered.GATEWAY_FAULT,
        evidence="504",
        money=Money.AT_RISK,
        verdict=Verdict(state=JobState.READY),
        now=1.0,
    )
    assert states(_recovered(lost, HERO), [HERO]) == [JobState.IN_DOUBT]
    submit(lost, now=2.0)
    assert states(_recovered(lost, HERO), [HERO]) == [JobState.SUBMITTED]


def test_what_was_certainly_not_billed_is_new() -> None:
    lost = _lost(HERO)
    (intent,) = intend(lost).intents
    decline(lost, intent, JobState.READY, Money.FREE)
    ledger = _recovered(lost, HERO)
    assert [job.attempts for job in _jobs(ledger)] == [()]
    assert _to_submit(ledger) == [HERO.key]


def test_a_failure_stays_one_with_its_price_at_risk() -> None:
    lost = _lost(HERO)
    (task,) = submit(lost)
    _fail(lost, task)
    ledger = _recovered(lost, HERO)
    (job,) = _jobs(ledger)
    assert (job.state, job.code) == (JobState.FAILED, "INTERNAL_ERROR")
    assert ledger.balance() == lost.balance()
    assert _to_submit(ledger) == []


def _fail(ledger: Ledger, task: InFlight, state: JobState = JobState.FAILED) -> None:
    ledger.results.record_failure(
        task,
        fail_code="INTERNAL_ERROR",
        message="said",
        money=Money.AT_RISK,
        verdict=Verdict(state=state, code="INTERNAL_ERROR"),
        now=3.0,
    )


def test_of_several_attempts_the_task_counts() -> None:
    lost = _lost(HERO)
    (first,) = submit(lost)
    _fail(lost, first, JobState.READY)
    (second,) = submit(lost, now=4.0)
    succeed(lost, second)
    fetch(lost, second)
    (job,) = _jobs(_recovered(lost, HERO))
    assert job.state is JobState.DONE
    assert job.attempt is not None
    assert (job.attempt.task, len(job.attempts)) == (second.task, 2)


def test_a_follow_up_of_a_task_whose_end_is_not_on_record_is_not_bought_again() -> None:
    """Its source is asked for again; until then what was made of it is its follow-up."""
    lost = _lost(HERO, FINAL)
    make(lost)
    make(lost)
    lines = [line for line in receipt_lines(lost) if HERO.node in json.loads(line)["node"] or "upscale" in line]
    torn = [line for line in lines if not ('"node": "hero"' in line and '"event": "ended"' in line)]
    ledger = Ledger.in_memory()
    ledger.recover(recorded(torn), now=NOW)
    assert states(ledger, [HERO, FINAL]) == [JobState.SUBMITTED, JobState.DONE]
    (task,) = ledger.submissions.in_flight()
    succeed(ledger, task)
    assert states(ledger, [HERO, FINAL]) == [JobState.SUCCEEDED, JobState.DONE]
    assert _to_submit(ledger) == []


def test_a_follow_up_of_an_unknown_task_counts_and_finds_its_source_later() -> None:
    lost = _lost(HERO, FINAL)
    make(lost)
    make(lost)
    lines = receipt_lines(lost)
    of_source = [line for line in lines if '"node": "hero"' in line]
    ledger = Ledger.in_memory()
    ledger.recover(recorded([line for line in lines if line not in of_source]), now=NOW)
    assert ledger.balance().spent == usd("0.20")
    ledger.recover(recorded(of_source), now=NOW)
    assert states(ledger, [HERO, FINAL]) == [JobState.DONE, JobState.DONE]


def test_a_follow_up_finds_its_source_when_a_person_names_the_task_of_that() -> None:
    lost = _lost(HERO, FINAL)
    (hero,) = make(lost)
    make(lost)
    lines = receipt_lines(lost)
    intents = [line for line in lines if '"node": "hero"' in line and '"event": "intent"' in line]
    nameless = [line.replace(f'"task": "{hero.task}"', '"task": null', 1) for line in intents]
    ledger = Ledger.in_memory()
    ledger.recover(recorded([*nameless, *[line for line in lines if '"node": "upscale"' in line]]), now=NOW)
    assert states(ledger, [HERO]) == [JobState.IN_DOUBT]
    ledger.decisions.resolve_as_task(HERO.key, hero.task, NOW)
    assert states(ledger, [HERO, FINAL]) == [JobState.SUBMITTED, JobState.DONE]
    assert _to_submit(ledger) == []


def test_identical_jobs_get_their_results_by_their_keys_first() -> None:
    one, other = generation("T-1", prompt="same"), generation("T-2", prompt="same")
    lost = _lost(one, other)
    tasks = make(lost)
    ledger = _recovered(lost, other, one)
    assert [(job.key, job.attempt and job.attempt.task) for job in _jobs(ledger)] == [
        (other.key, tasks[1].task),
        (one.key, tasks[0].task),
    ]


def test_a_result_under_another_key_is_taken_over_also_from_a_planned_job_that_was_not_sent() -> None:
    lost = _lost(HERO)
    make(lost)
    moved = renamed(HERO, "hero/new-key")
    ledger = _recovered(lost, moved, into=_lost(moved, follow_up(moved, 0)))
    assert states(ledger, [moved]) == [JobState.DONE]
    assert _to_submit(ledger) == []


def test_an_older_backup_learns_what_came_after_it() -> None:
    lost = _lost(HERO, FINAL)
    older = Ledger.in_memory()
    (intent,) = intend(lost).intents
    lost.connection.backup(older.connection)
    task = lost.submissions.record_task(intent, TaskId("task_1"), host="api.test", speed_up=1.0, now=1.0)
    assert task is not None
    succeed(lost, task)
    fetch(lost, task)
    for follower in lost.follow_ups.waiting_for(task.job):
        lost.follow_ups.release(follower.job, Verdict(state=JobState.READY))
    make(lost)
    ledger = _recovered(lost, HERO, FINAL, into=older)
    assert states(ledger, [HERO, FINAL]) == [JobState.DONE, JobState.DONE]
    assert ledger.balance() == lost.balance()
    assert [len(job.attempts) for job in _jobs(ledger)] == [1, 1]


def test_a_job_with_a_result_keeps_it_and_another_task_is_an_extra() -> None:
    mine, theirs = _lost(HERO), _lost(HERO)
    (own,) = make(mine)
    (intent,) = intend(theirs).intents  # so that its task has another name
    decline(theirs, intent, JobState.READY, Money.FREE)
    make(theirs)
    ledger = _recovered(theirs, HERO, into=mine)
    (job,) = _jobs(ledger)
    assert job.attempt is not None
    assert (job.attempt.task, len(job.attempts)) == (own.task, 2)
    assert ledger.balance().spent == usd("0.40")


def test_of_two_tasks_of_a_lost_job_the_picked_one_counts_else_the_earliest() -> None:
    first = _elsewhere(task="t-1", intended=1.0)
    second = _elsewhere(task="t-2", intended=2.0)
    for picked, task in (((), "t-1"), (("t-2",), "t-2")):
        ledger = Ledger.in_memory()
        ledger.recover([second, first], now=NOW, picked=[TaskId(one) for one in picked])
        (job,) = _jobs(ledger)
        assert job.attempt is not None
        assert (job.attempt.task, len(job.attempts)) == (task, 2)


def _elsewhere(task: str | None, intended: float = 1.0, **values: object) -> RecordedAttempt:
    known = RecordedAttempt(
        uid=None,
        found_in=RecoveredFrom.ASSETS,
        host="api.test",
        campaign="spring",
        node=HERO.node,
        key=HERO.key,
        fingerprint=HERO.fingerprint,
        mode="text-to-image",
        speed="fast",
        price=usd("0.20"),
        intended=intended,
        task=None if task is None else TaskId(task),
        outcome=Answered.ACCEPTED,
        money=Money.SPENT,
        image_count=1,
    )
    return replace(known, **values)  # type: ignore[arg-type]  # fields of it, by name


def _rerolled(*, ends: bool = True) -> tuple[Ledger, list[InFlight]]:
    lost = _lost(HERO)
    (first,) = make(lost)
    adopt(lost, HERO._replace(reroll_of=first.task))
    (second,) = submit(lost, now=7.0)
    if ends:
        succeed(lost, second)
        fetch(lost, second)
    return lost, [first, second]


@pytest.mark.parametrize("into_backup", [False, True])
def test_a_reroll_that_has_succeeded_is_the_result(*, into_backup: bool) -> None:
    lost, (first, second) = _rerolled()
    backup = _lost(HERO) if into_backup else None
    if backup is not None:
        _recovered(lost, HERO, into=backup)
    ledger = _recovered(lost, HERO._replace(reroll_of=first.task), into=backup)
    (job,) = _jobs(ledger)
    assert job.attempt is not None
    assert (job.state, job.attempt.task, job.reroll_of) == (JobState.DONE, second.task, None)
    assert _to_submit(ledger) == []


def test_a_reroll_in_flight_is_asked_for_and_not_bought_again() -> None:
    lost, (first, second) = _rerolled(ends=False)
    ledger = _recovered(lost, HERO._replace(reroll_of=first.task))
    (job,) = _jobs(ledger)
    assert job.attempt is not None
    assert job.reroll_of is not None
    assert (job.state, job.attempt.task, job.reroll_of.task) == (JobState.SUBMITTED, second.task, first.task)
    assert _to_submit(ledger) == []
    assert ledger.balance() == lost.balance()


def test_an_older_backup_learns_of_a_reroll() -> None:
    lost = _lost(HERO)
    (first,) = make(lost)
    older = Ledger.in_memory()
    lost.connection.backup(older.connection)
    adopt(lost, HERO._replace(reroll_of=first.task))
    (second,) = make(lost)
    ledger = _recovered(lost, HERO._replace(reroll_of=first.task), into=older)
    (job,) = _jobs(ledger)
    assert job.attempt is not None
    assert (job.state, job.attempt.task) == (JobState.DONE, second.task)
    assert _to_submit(ledger) == []


def test_a_reroll_without_an_answer_is_in_doubt_beside_its_result() -> None:
    lost = _lost(HERO)
    (first,) = make(lost)
    asked = HERO._replace(reroll_of=first.task)
    adopt(lost, asked)
    intend(lost)
    ledger = _recovered(lost, asked)
    (job,) = _jobs(ledger)
    assert job.reroll_of is not None
    assert (job.state, job.reroll_of.task) == (JobState.IN_DOUBT, first.task)
    assert _to_submit(ledger) == []


def test_what_was_set_aside_counts_and_belongs_to_nobody() -> None:
    lost = _lost(HERO)
    make(lost)
    lost.set_aside([1])
    ledger = _recovered(lost, HERO)
    assert [(job.wanted, job.set_aside, job.state) for job in _jobs(ledger)] == [
        (True, False, JobState.READY),
        (False, True, JobState.DONE),
    ]
    assert ledger.balance() == lost.balance()
    assert _to_submit(ledger) == [HERO.key]


def test_what_was_set_aside_elsewhere_is_set_aside_here() -> None:
    lost = _lost(HERO)
    make(lost)
    here = _recovered(lost, HERO)
    lost.set_aside([1])
    adopt(lost, HERO)
    (again,) = make(lost)
    ledger = _recovered(lost, HERO, into=here)
    wanted, _ = _jobs(ledger)
    assert wanted.attempt is not None
    assert (wanted.attempt.task, wanted.state) == (again.task, JobState.DONE)
    assert ledger.balance() == lost.balance()


def test_to_recover_twice_changes_nothing() -> None:
    lost = _lost(HERO, FINAL)
    make(lost)
    make(lost)
    ledger = _recovered(lost, HERO, FINAL)
    before = _jobs(ledger)
    assert ledger.tasks.unknown_attempts(recorded(receipt_lines(lost))) == []
    recovered = ledger.recover(recorded(receipt_lines(lost)), now=NOW)
    assert (recovered.attempts, _jobs(ledger)) == ((), before)


def test_what_cannot_be_recorded_is_given_back_with_the_reason() -> None:
    ledger = Ledger.in_memory()
    nameless, modeless = _elsewhere("t-1", fingerprint=None), _elsewhere("t-2", mode=None)
    recovered = ledger.recover([nameless, modeless], now=NOW)
    assert recovered.attempts == ()
    assert recovered.left == (
        (nameless, "nothing says what was asked for"),
        (modeless, "nothing says in which mode it was sent"),
    )


def test_names_and_picks_count_where_the_ledger_has_none() -> None:
    ledger = Ledger.in_memory()
    ledger.bind.pick(HERO.key, "", "pick 0", TaskId("mine"))
    words = (HERO.key, "", "pick 0"), (HERO.key, "", "pick 1")
    bindings = NewBindings(nodes={"hero": "first"}, picks=dict.fromkeys(words, TaskId("theirs")))
    ledger.recover([_elsewhere("t-1")], now=NOW, bindings=bindings)
    assert ledger.bindings.first_names() == {"hero": "first"}
    assert ledger.tasks.of_picks() == {words[0]: "mine", words[1]: "theirs"}


def test_a_key_from_outside_leads_nowhere_out_of_the_output_folder() -> None:
    ledger = Ledger.in_memory()
    ledger.recover([_elsewhere("t-1", key=JobKey("../../etc/x"))], now=NOW)
    (path,) = _jobs(ledger)[0].paths
    assert ".." not in path
    assert "/" not in path


def _image(folder: Path, number: int, content: bytes) -> PlacedImage:
    (folder / f"{number}.png").write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return PlacedImage(number=number, path=f"{number}.png", sha256=sha256, size=len(content))


def test_images_are_looked_for_where_they_were_placed(tmp_path: Path) -> None:
    here, gone, changed = (_image(tmp_path, number, b"as it came") for number in range(3))
    (tmp_path / "1.png").unlink()
    (tmp_path / "2.png").write_bytes(b"somebody's work")
    ledger = Ledger.in_memory()
    recovered = ledger.recover(
        [_elsewhere("t-1", images=(here, gone, changed), image_count=3)], now=NOW, outputs=tmp_path
    )
    assert recovered.missing == ("1.png",)
    (job,) = _jobs(ledger)
    assert (job.state, [image.path for image in job.images]) == (JobState.SUCCEEDED, ["0.png", None, "2.png"])
    seen = dict(ledger.connection.execute("SELECT number, checked FROM images WHERE path IS NOT NULL").fetchall())
    assert seen == {0: (tmp_path / "0.png").stat().st_mtime_ns, 2: None}


def test_the_file_of_another_image_is_not_taken_for_a_changed_one(tmp_path: Path) -> None:
    old = _image(tmp_path, 0, b"the first")
    new = _image(tmp_path, 0, b"its reroll")
    first = _elsewhere("t-1", images=(old,))
    second = _elsewhere("t-2", intended=2.0, images=(new,), rerolls=TaskId("t-1"))
    ledger = Ledger.in_memory()
    ledger.recover([first, second], now=NOW, outputs=tmp_path)
    (job,) = _jobs(ledger)
    assert [[image.path for image in attempt.images] for attempt in job.attempts] == [[None], ["0.png"]]
    assert (job.state, job.attempt) == (JobState.DONE, job.attempts[1])


@pytest.mark.parametrize("known", [1, 0])
def test_a_file_is_the_image_of_one_task_though_two_have_made_the_same(known: int, tmp_path: Path) -> None:
    image = _image(tmp_path, 0, b"the same of both")
    first, second = _elsewhere("t-1", images=(image,)), _elsewhere("t-2", intended=2.0, images=(image,))
    ledger = Ledger.in_memory()
    if known:
        ledger.recover([first], now=NOW, outputs=tmp_path)
    recovered = ledger.recover([first, second][known:], now=NOW, outputs=tmp_path)
    (job,) = _jobs(ledger)
    assert [[image.path for image in attempt.images] for attempt in job.attempts] == [["0.png"], [None]]
    assert (job.state, recovered.missing) == (JobState.DONE, ("0.png",))


def test_a_link_or_a_folder_in_the_place_of_an_image_is_not_the_image(tmp_path: Path) -> None:
    image = _image(tmp_path, 0, b"as it came")
    (tmp_path / "0.png").unlink()
    (tmp_path / "0.png").mkdir()
    ledger = Ledger.in_memory()
    recovered = ledger.recover([_elsewhere("t-1", images=(image,))], now=NOW, outputs=tmp_path)
    assert recovered.missing == ("0.png",)


def test_images_of_a_task_that_is_known_by_them_alone_are_its_result() -> None:
    image = PlacedImage(number=0, path="a.png", sha256="a" * 64, size=1)
    lost = _elsewhere(None, outcome=Answered.UNKNOWN, images=(image,), uid="00000000000000aa")
    ledger = Ledger.in_memory()
    ledger.recover([lost, replace(lost, uid="00000000000000bb", images=(), key=JobKey("hero/T-2"))], now=NOW)
    assert [job.state for job in _jobs(ledger)] == [JobState.DONE, JobState.IN_DOUBT]


def test_a_follow_up_made_elsewhere_is_found_by_its_source(tmp_path: Path) -> None:
    source = _elsewhere("t-1")
    final = _elsewhere(
        "t-2",
        key=FINAL.key,
        node=FINAL.node,
        fingerprint=FINAL.fingerprint,
        mode="upscale",
        source=RecordedSource(key=HERO.key, task=TaskId("t-1"), number=0),
    )
    ledger = Ledger.in_memory()
    ledger.recover([final, source], now=NOW, outputs=tmp_path)
    assert states(ledger, [HERO, FINAL]) == [JobState.SUCCEEDED, JobState.SUCCEEDED]
    assert [dict(job.attempts[0].request) for job in _jobs(ledger)] == [
        dict(HERO.request),
        {**FINAL.request, "taskId": "t-1"},
    ]


def test_a_recovered_row_may_be_changed_beside_a_run_as_well() -> None:
    lost = _lost(HERO)
    make(lost)
    ledger = _recovered(lost)
    adoption, changes = ledger.comparison()
    adoption.take([HERO])
    adoption.finish()
    from mjpipe.ledger import Applied  # noqa: PLC0415

    applied = Applied()
    for stage in changes.stages(size=10):
        for piece in stage:
            assert ledger.apply(piece, applied).conflicts == ()
    (job,) = _jobs(ledger)
    assert (job.wanted, job.request, job.attempts[0].request) == (True, HERO.request, HERO.request)


def test_stored_files_are_recorded_as_they_are_fetched() -> None:
    """A task of which some images are on disk: only the others are fetched, at URLs that the service says again."""
    ledger = Ledger.in_memory()
    placed = PlacedImage(number=0, path="hero/T-1-0.png", sha256="a" * 64, size=1)
    ledger.recover([_elsewhere("t-1", images=(placed,), image_count=2)], now=NOW)
    adopt(ledger, HERO)
    (attempt,) = ledger.images.to_fetch()
    wanted = ledger.images.to_fetch_of(attempt)
    assert [(image.number, image.url) for image in wanted.images] == [(1, "")]
    stored = Stored(number=1, path="hero/T-1-1.png", sha256="b", size=1)
    assert ledger.files.record_fetched(wanted.job, attempt, [stored], NOW) is JobState.DONE


def test_fingerprints_are_never_guessed() -> None:
    other = _elsewhere("t-1", fingerprint=Fingerprint("other"))
    ledger = Ledger.in_memory()
    ledger.recover([other], now=NOW)
    adopt(ledger, HERO)
    assert _to_submit(ledger) == [HERO.key]
