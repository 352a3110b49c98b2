"""What a disk refuses outside of a run's own writing is a fault of the state as well."""

from collections.abc import Callable

from mjpipe.domain import JobKey, StateFault, TaskId
from mjpipe.ledger import Ledger
from tests.ledger.jobs import adopt, generations, intend
from tests.run.campaign import Campaign

WRITES: dict[str, Callable[[Ledger, Campaign], object]] = {
    "the manifest": lambda ledger, _: ledger.bind.manifest("other.yaml"),
    "a retry": lambda ledger, _: ledger.decisions.retry_failed(),
    "an output folder": lambda ledger, _: ledger.bind.outputs("elsewhere"),
    "a pick": lambda ledger, _: ledger.bind.pick(JobKey("hero/000"), "", "pick 0", TaskId("task_1")),
    "a known task": lambda ledger, _: ledger.decisions.resolve_as_task(JobKey("hero/000"), TaskId("task_1"), 0.0),
    "a resolution": lambda ledger, _: ledger.decisions.resolve_as_not_sent(JobKey("hero/000")),
    "a pruning": lambda ledger, _: ledger.files.record_pruned([]),
    "a plan": lambda ledger, _: adopt(ledger, *generations(3)),
    "a choice": lambda ledger, _: ledger.queue.choose(generations(1)),
}


def test_what_the_disk_refuses_is_a_fault_of_the_state(campaign: Campaign) -> None:
    ledger = campaign.ledger
    adopt(ledger, *generations(1))
    intend(ledger)
    ledger.submissions.doubt_interrupted(0.0)
    ledger.connection.execute("PRAGMA query_only = ON")
    raised: dict[str, str] = {}
    for name, write in WRITES.items():
        try:
            write(ledger, campaign)
        except Exception as fault:  # noqa: BLE001 - which of them it is, is what is compared
            raised[name] = type(fault).__name__
    ledger.connection.execute("PRAGMA query_only = OFF")
    assert raised == dict.fromkeys(WRITES, StateFault.__name__)
