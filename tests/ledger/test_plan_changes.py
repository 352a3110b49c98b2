"""Taking over a plan in pieces, beside whatever else is recorded: in the end as if it had been adopted at once."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mjpipe.domain import Job, JobKey, JobState, Money, TaskId, usd
from mjpipe.ledger import Applied, InFlight, Ledger, PlanChanges, Records, Take, Takeovers, Verdict
from mjpipe.run.releasing import release_waiting
from tests.ledger.jobs import accept, adopt, fetch, follow_up, generation, intend, make, submit, succeed

A, B = generation("a"), generation("b")
PICKED = follow_up(A, 2)


def kept_for_picks(source: Job) -> Job:
    return follow_up(source, None)._replace(key=JobKey(f"{source.key}/?"), possible_jobs=(("upscale", usd("0.30")),))


def changes_of(ledger: Ledger, *jobs: Job) -> PlanChanges:
    adoption, changes = ledger.comparison()
    adoption.take(jobs)
    adoption.finish()
    return changes


def applied(ledger: Ledger, changes: PlanChanges, between: Callable[[], None] = lambda: None, *, size: int = 1) -> bool:
    """As a replan applies them: up to the first stage with a conflict. Says whether there was none."""
    so_far = Applied()
    for stage in changes.stages(size=size):
        conflicts = 0
        for piece in stage:
            before = counts_of(ledger)
            written = ledger.apply(piece, so_far)
            assert counts_of(ledger) == +(before + Counter(written.counts))
            conflicts += len(written.conflicts)
            between()
        if conflicts:
            return False
    return True


def counts_of(ledger: Ledger) -> Counter[tuple[str, JobState]]:
    return Counter(ledger.job_counts.by_state(with_orphans_in_flight=True))


def is_empty(changes: PlanChanges) -> bool:
    return not any(piece for stage in changes.stages(size=100) for piece in stage)


def content(ledger: Ledger) -> list[tuple[object, ...]]:
    """All of the jobs but for ids and revisions, by which they were inserted and changed."""
    return ledger.connection.execute(
        "SELECT j.key, j.fingerprint, j.node, j.state, j.wanted, j.position, j.digest, j.why, s.key, s.fingerprint,"
        " a.task, r.task, m.task FROM jobs j LEFT JOIN jobs s ON s.id = j.source"
        " LEFT JOIN attempts a ON a.id = j.attempt LEFT JOIN attempts r ON r.id = j.reroll_of"
        " LEFT JOIN attempts m ON m.id = j.made_of"
        " ORDER BY j.wanted, j.position, j.key, j.fingerprint, s.key, a.task"
    ).fetchall()


def copy_of(ledger: Ledger) -> Ledger:
    copy = Ledger.in_memory()
    ledger.connection.backup(copy.connection)
    return copy


def keys(ledger: Ledger) -> list[str]:
    return [record.key for record in Records(ledger.connection).jobs() if record.wanted]


def test_a_pick_changes_the_rows_that_it_is_about_and_no_others(ledger: Ledger) -> None:
    adopt(ledger, A, kept_for_picks(A), B, kept_for_picks(B))
    make(ledger)
    changes = changes_of(ledger, A, PICKED, B, kept_for_picks(B))
    assert [[len(piece) for piece in stage] for stage in changes.stages(size=100)] == [[1], [], [], [1]]
    assert applied(ledger, changes)
    assert is_empty(changes_of(ledger, A, PICKED, B, kept_for_picks(B)))
    assert keys(ledger) == ["hero/a", "upscale/a/2", "hero/b", "hero/b/?"]


def test_a_job_that_was_sent_meanwhile_is_not_let_go_and_nothing_is_inserted_in_its_place(ledger: Ledger) -> None:
    adopt(ledger, generation("a", prompt="a teapot"))
    new = generation("z", prompt="a teapot")
    changes = changes_of(ledger, new)
    tasks = submit(ledger)
    assert not applied(ledger, changes)
    assert keys(ledger) == ["hero/a"]
    assert applied(ledger, changes_of(ledger, new))
    assert [(task.key, task.task) for task in ledger.submissions.in_flight()] == [("hero/z", tasks[0].task)]
    assert intend(ledger).intents == ()


def test_what_starts_from_a_row_that_has_changed_is_not_inserted(ledger: Ledger) -> None:
    adopt(ledger, A)
    (task,) = submit(ledger)
    changes = changes_of(ledger, A, PICKED)
    succeed(ledger, task)
    assert not applied(ledger, changes)
    assert keys(ledger) == ["hero/a"]
    assert applied(ledger, changes_of(ledger, A, PICKED))
    assert keys(ledger) == ["hero/a", "upscale/a/2"]


def test_what_follows_from_a_new_row_has_it_for_its_source(ledger: Ledger) -> None:
    adopt(ledger, B)
    chain = [A, follow_up(A, 1, mode="vary")]
    chain.append(follow_up(chain[-1], 0))
    assert applied(ledger, changes_of(ledger, *chain, B))
    sources = {record.key: record.source for record in Records(ledger.connection).jobs()}
    assert sources == {"hero/a": None, "vary/a/1": "hero/a", "upscale/a/1/0": "vary/a/1", "hero/b": None}


def test_a_follower_waits_before_its_source_is_to_be_made_again(ledger: Ledger) -> None:
    adopt(ledger, A, PICKED)
    (task,) = make(ledger)
    seen: list[dict[str, JobState]] = []

    def look() -> None:
        seen.append({record.key: record.state for record in Records(ledger.connection).jobs()})

    again = A._replace(reroll_of=task.task)
    assert applied(ledger, changes_of(ledger, again, PICKED), look)
    assert seen == [
        {"hero/a": JobState.DONE, "upscale/a/2": JobState.WAITING},
        {"hero/a": JobState.READY, "upscale/a/2": JobState.WAITING},
    ]


def test_a_row_that_nobody_asks_for_any_more_takes_its_reroll_back(ledger: Ledger) -> None:
    adopt(ledger, A)
    (task,) = make(ledger)
    adopt(ledger, A._replace(reroll_of=task.task))
    assert applied(ledger, changes_of(ledger, B))
    assert [record.state for record in Records(ledger.connection).jobs() if not record.wanted] == [JobState.DONE]


NEVER = -1
"""No image that anybody picks."""


@dataclass
class Person:
    """Edits rows, which have prompts of their own, and decides about tasks."""

    rows: dict[str, str] = field(default_factory=lambda: {"p0": "a", "p1": "b"})
    """The name of the row that asks for a prompt."""
    decided: dict[TaskId, int | None] = field(default_factory=dict)
    """The image that was picked of a task, None for a reroll."""
    ever_picked: set[tuple[str, int]] = field(default_factory=set)
    rerolls_asked: Counter[str] = field(default_factory=Counter)
    """How often a reroll of a task was asked for: one that has failed may be taken back, and asked for again."""

    def plan(self, ledger: Ledger) -> list[Job]:
        def expand(found: Takeovers, take: Take) -> list[Job]:
            jobs = [
                job
                for prompt, name in self.rows.items()
                for job in self._chain(ledger, generation(name, prompt=prompt), found)
            ]
            take(jobs)
            return jobs

        return expand(ledger.takeovers(expand), lambda _: None)

    def _chain(self, ledger: Ledger, source: Job, found: Takeovers) -> list[Job]:
        task = ledger.tasks.of_job(source.key, source.fingerprint) or found.get((source.key, source.fingerprint))
        if task is None or task not in self.decided:
            return [source, kept_for_picks(source)]
        image = self.decided[task]
        if image is None:
            return [source._replace(reroll_of=task), kept_for_picks(source)]
        self.ever_picked.add((task, image))
        return [source, follow_up(source, image)]

    def edit(self, what: str, ledger: Ledger) -> None:
        match what.split():
            case ["rename"]:
                self.rows = {prompt: {"a": "c", "c": "a"}.get(name, name) for prompt, name in self.rows.items()}
            case ["swap"]:
                self.rows = dict(zip(self.rows, reversed(self.rows.values()), strict=True))
            case ["drop"]:
                self.rows.pop("p1", None)
            case ["add", prompt, name]:
                if name not in self.rows.values():
                    self.rows.setdefault(prompt, name)
            case ["pick", image]:
                self._decide(ledger, int(image))
            case ["reroll"]:
                self._decide(ledger, None)
            case ["undecide"]:
                self.decided.clear()

    def _decide(self, ledger: Ledger, image: int | None) -> None:
        tasks = ledger.connection.execute(
            "SELECT a.task FROM jobs j JOIN attempts a ON a.id = j.attempt"
            " WHERE j.node = 'hero' AND j.state IN ('succeeded', 'done') AND j.wanted = 1"
        )
        results = [TaskId(task) for (task,) in tasks]
        if image is None:
            self.rerolls_asked.update(task for task in results if self.decided.get(task, NEVER) is not None)
        self.decided |= dict.fromkeys(results, image)


@dataclass
class Service:
    """Whatever a run records, one thing at a time."""

    ledger: Ledger
    under_way: list[InFlight] = field(default_factory=list)

    def happen(self, what: str) -> None:
        if what == "submit":
            self.under_way += [accept(self.ledger, intent) for intent in intend(self.ledger, limit=1).intents]
        elif what == "succeed" and self.under_way:
            task = self.under_way.pop(0)
            mode = task.request["mode"]
            succeed(self.ledger, task, images=1 if mode == "upscale" else 4)
            for follower in self.ledger.follow_ups.waiting_for(task.job):
                self.ledger.follow_ups.release(follower.job, Verdict(state=JobState.READY))
            fetch(self.ledger, task)
        elif what == "fail" and self.under_way:
            task = self.under_way.pop(0)
            verdict = Verdict(state=JobState.FAILED, counts_as_failure=True)
            self.ledger.results.record_failure(
                task, fail_code="x", message="", money=Money.AT_RISK, verdict=verdict, now=0.0
            )


EDITS = st.sampled_from(
    ["rename", "swap", "drop", "add p1 b", "add p2 d", "pick 0", "pick 1", "reroll", "undecide", "nothing"]
)
EVENTS = st.lists(st.sampled_from(["submit", "submit", "succeed", "succeed", "fail", "nothing"]), max_size=8)


@given(script=st.lists(st.tuples(EDITS, EVENTS, EVENTS), min_size=1, max_size=8), size=st.integers(1, 3))
@example(
    script=[
        ("reroll", ["submit", "succeed"], []),
        ("undecide", [], ["submit", "fail"]),
        ("reroll", [], ["submit", "submit"]),
    ],
    size=1,
)
@example(
    script=[
        ("rename", [], ["submit", "submit", "succeed", "succeed"]),
        ("reroll", [], []),
        ("rename", [], ["submit", "submit", "succeed"]),
        ("drop", [], []),
        ("rename", [], ["fail"]),
    ],
    size=1,
)
@settings(max_examples=200, deadline=None)
def test_plans_taken_over_in_pieces_beside_a_run_end_as_if_adopted_at_once_and_nothing_is_paid_twice(
    script: list[tuple[str, list[str], list[str]]], size: int
) -> None:
    with closing(Ledger.in_memory()) as ledger:
        person, service = Person(), Service(ledger)
        adopt(ledger, *person.plan(ledger))
        for edit, before, between in script:
            for event in before:
                service.happen(event)
            person.edit(edit, ledger)
            _replan(ledger, person, service, between, size)
            with closing(copy_of(ledger)) as at_once:
                adopt(at_once, *person.plan(at_once))
                assert content(at_once) == content(ledger)
            release_waiting(ledger)
        _nothing_is_paid_for_twice(ledger, person)


def _replan(ledger: Ledger, person: Person, service: Service, events: list[str], size: int) -> None:
    """Until a plan was applied whole, while things happen after each piece."""
    left = iter(events)

    def happen() -> None:
        service.happen(next(left, "nothing"))

    while True:
        changes = changes_of(ledger, *person.plan(ledger))
        happen()  # while it was planned
        if applied(ledger, changes, happen, size=size) and is_empty(changes_of(ledger, *person.plan(ledger))):
            return


def _nothing_is_paid_for_twice(ledger: Ledger, person: Person) -> None:
    inputs = [json.loads(body)["input"] for (body,) in ledger.connection.execute("SELECT body FROM attempts")]
    prompts = Counter(sent["prompt"] for sent in inputs if sent["mode"] == "text-to-image")
    assert max(prompts.values(), default=0) <= 1
    picked = Counter((sent["taskId"], sent["imageIndex"]) for sent in inputs if sent["mode"] == "upscale")
    assert max(picked.values(), default=0) <= 1
    assert picked.keys() <= person.ever_picked
    assert Counter(sent["taskId"] for sent in inputs if sent["mode"] == "reroll") <= person.rerolls_asked
