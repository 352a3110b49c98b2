"""Jobs that a person rerolls: nothing is known yet of what follows from them."""

from dataclasses import replace
from pathlib import Path

from mjpipe.domain import Job, JobKey, JobState, Place, Standing, TaskId
from mjpipe.plan import Decision, Pick, picks_text, plan_line, read_picks
from tests.plan.planning import Plan, Planned, Remembered, summarise

CHAIN = """
nodes:
  hero: {kind: generate, params: {prompt: a cat}}
  other: {kind: vary, from: hero, images: all, params: {type: 1}}
  final: {kind: upscale, from: other, images: pick, params: {type: 0}}
"""
LINE = Pick(key=JobKey("hero"), node="", decision=Decision.REROLL, place=Place(file="picks.csv", line=3))
MADE = Remembered(
    images={"hero": (0, 2), "other/0": (0, 1), "other/2": (0, 1)},
    picks={("other/0", "final"): (1,), ("other/2", "final"): ()},
)


def marks(planned: Planned) -> dict[str, TaskId | None]:
    return {job.key: job.reroll_of for job in planned.jobs}


def test_nothing_is_known_of_what_follows_from_a_job_that_is_made_again(plan: Plan) -> None:
    assert marks(plan(CHAIN, MADE)) == {"hero": None, "other/0": None, "final/0-1": None, "other/2": None}
    asked = plan(CHAIN, replace(MADE, rerolls={"hero": LINE}))
    assert marks(asked) == {
        "hero": "hero",
        **{key: None for number in range(4) for key in (f"other/{number}", f"final/{number}-?")},
    }
    assert asked.diagnostics == ()


def test_a_job_in_the_midst_of_a_chain_is_made_again_and_its_source_is_not(plan: Plan) -> None:
    line = replace(LINE, key=JobKey("other/2"))
    assert marks(plan(CHAIN, replace(MADE, rerolls={"other/2": line}))) == {
        "hero": None,
        "other/0": None,
        "final/0-1": None,
        "other/2": "other/2 of hero",
        "final/2-?": None,
    }


def test_a_job_that_waits_for_a_reroll_is_not_rerolled_itself(plan: Plan) -> None:
    """What a line for it says is about images that it will not have."""
    rerolls = {"hero": LINE, "other/0": replace(LINE, key=JobKey("other/0"))}
    asked = plan(CHAIN, replace(MADE, rerolls=rerolls))
    assert [job.key for job in asked.jobs if job.reroll_of] == ["hero"]


def test_what_the_service_does_not_reroll_is_a_mistake_in_the_line(plan: Plan) -> None:
    line = replace(LINE, key=JobKey("final/0-1"))
    known = Remembered(images={**MADE.images, "final/0-1": (0,)}, picks=MADE.picks, rerolls={"final/0-1": line})
    assert plan(CHAIN, known).said() == [
        "picks.csv:3:1 MJ091 `final/0-1` cannot be rerolled: the service does not offer it after `upscale`"
    ]


def test_the_plan_counts_a_reroll_at_the_price_of_its_job(plan: Plan) -> None:
    planned = plan(CHAIN, replace(MADE, rerolls={"hero": LINE}))

    def standing(job: Job) -> Standing:
        if job.reroll_of:
            return Standing(state=JobState.READY, reason="reroll requested")
        return Standing(state=JobState.UNPICKED if job.possible_jobs else JobState.WAITING, reason="changed source")

    summary = summarise(planned.manifest, ((job, standing(job)) for job in planned.jobs))
    assert summary.tally.reasons == {"changed source": 4, "reroll requested": 1}
    assert "5 to submit (20 images), 4 waiting for picks" in plan_line(summary)
    assert "$1.40 to $6.20" in plan_line(summary)


def test_a_reroll_is_read_as_it_was_written(tmp_path: Path) -> None:
    line = Pick(key=JobKey("hero"), node="final", decision=Decision.REROLL, task=TaskId("task_1"), note="the lid")
    (tmp_path / "picks.csv").write_text(picks_text([line]))
    picks, mistakes = read_picks(tmp_path / "picks.csv", shown="picks.csv")
    assert (picks.lines, mistakes) == ((line,), ())


def test_a_reroll_names_no_images(tmp_path: Path) -> None:
    (tmp_path / "picks.csv").write_text("key,decision,images\nhero,reroll,2\n")
    _, (mistake,) = read_picks(tmp_path / "picks.csv", shown="picks.csv")
    assert str(mistake.message) == "a pick needs image numbers (counted from 0); other decisions have none"
