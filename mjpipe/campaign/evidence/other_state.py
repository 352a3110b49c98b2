"""The attempts of another state of the same campaign, such as one that was brought from another machine."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from mjpipe.campaign.evidence.recorded import recorded_attempt
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import UsageFault
from mjpipe.ledger import NewBindings, Records, StateFolder
from mjpipe.ledger.receipts import RecordedAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherState:
    """What another state knows: its attempts, and which names and picks are bound."""

    attempts: Sequence[RecordedAttempt] = ()
    bindings: NewBindings = field(default_factory=NewBindings)


def read_other_state(other: Path, campaign: Campaign, host: str) -> OtherState:
    """All that a state knows, which is a folder or its `ledger.sqlite`. Nothing is written to it.

    Raises UsageFault where there is no state, for the state of another manifest or of another service, and StateFault
    for one that cannot be read.
    """
    folder = StateFolder(other.parent if other.is_file() else other)
    if not folder.has_ledger():
        inside = [path for path in (other / name for name in campaign.names) if StateFolder(path).has_ledger()]
        meant = f"; did you mean `{inside[0]}`?" if inside else ""
        raise UsageFault(f"there is no state in `{other}`", help=f"name a folder that has a `ledger.sqlite`{meant}")
    if folder.ledger.resolve() == campaign.folder.ledger.resolve():
        raise UsageFault(f"`{other}` is the campaign's own state", help="name another one, or leave --from out")
    with closing(Records.open(folder.ledger)) as records, records.ledger.damage_explains_faults():
        folder.check_owner(records.ledger, campaign.manifest.path, sandbox=campaign.sandbox)
        bound = records.ledger.bindings.get("host")
        if bound not in (None, host):
            raise UsageFault(
                f"the state in `{other}` belongs to the service at `{bound}`, and this campaign's to `{host}`",
                help="check APIXO_BASE_URL: tasks of another service mean nothing here",
            )
        return OtherState(
            attempts=[recorded_attempt(job, attempt, host=bound) for job in records.jobs() for attempt in job.attempts],
            bindings=NewBindings(nodes=records.ledger.bindings.first_names(), picks=records.ledger.tasks.of_picks()),
        )
