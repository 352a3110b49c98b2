"""What a state belongs to, and what is known about it."""

from mjpipe.domain import UsageFault, from_micros
from mjpipe.ledger.database import LedgerConnection
from mjpipe.ledger.values import BegunPlan, Cap


class Bindings:
    """The names in the table `bindings`; `schema.sql` lists them."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        """The value of a binding by its name in `schema.sql`, None when there is none yet."""
        value = self._connection.value("SELECT value FROM bindings WHERE name = ?", (name,))
        return None if value is None else str(value)

    def state_id(self) -> str:
        """The id of this state, random hex, part of the names of its files in folders that others share."""
        return str(self.get("name"))

    def first_names(self) -> dict[str, str]:
        """The names under which the jobs of nodes were first made, as `Binder.node` recorded them, by name of node."""
        rows = self._connection.execute("SELECT substr(name, 6), value FROM bindings WHERE name GLOB 'node *'")
        return {str(node): str(first) for node, first in rows}

    def wait_until(self, now: float) -> float | None:
        """Until when the service asked not to be sent submissions, None when that is over or it did not ask. Both in
        seconds since the epoch.
        """
        moment = float(self.get("wait_until") or 0.0)
        return moment if moment > now else None

    def begun_plan(self) -> BegunPlan | None:
        """The saved plan that was begun, if nothing else was run since; else None."""
        value = self.get("begun_plan")
        if value is None:
            return None
        plan, usd, unpriced = value.split()
        return BegunPlan(plan=plan, cap=Cap(usd=from_micros(int(usd)), unpriced=int(unpriced)))

    def check_host(self, host: str) -> None:
        """Raises UsageFault when tasks of this state live at another host: their ids mean nothing here."""
        bound = self.get("host")
        if bound not in (None, host):
            raise UsageFault(
                f"this state belongs to the service at `{bound}`, and this run would go to `{host}`",
                help="check APIXO_BASE_URL, or use another state folder for another service: --state DIR",
            )

    def has_sent(self) -> bool:
        """Whether something was sent by this state, or was to be."""
        return self._connection.value("SELECT 1 FROM attempts LIMIT 1") is not None
