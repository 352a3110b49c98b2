"""The next thing to do, and the command for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """`what` says in words what to do, `command` does it as it stands; None where it is nothing to type."""

    what: str
    command: str | None

    def __str__(self) -> str:
        """The command stands alone on the line below."""
        return f"next: {self.what}" if self.command is None else f"next: {self.what}\n{self.command}"
