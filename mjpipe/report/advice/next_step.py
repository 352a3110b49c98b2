"""The next thing to do, and the command for it."""

from dataclasses import dataclass

from mjpipe.domain import wrapped


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """`what` says in words what to do, `command` does it as it stands; None where it is nothing to type."""

    what: str
    command: str | None

    def __str__(self) -> str:
        """The command stands alone on the line below."""
        return self.text(None)

    def text(self, width: int | None) -> str:
        """What to do in lines of at most `width` columns, None for one line; the command is whole, to be copied."""
        said = f"next: {self.what}"
        lines = [said] if width is None else wrapped(said, width, rest="  ")
        return "\n".join(lines if self.command is None else [*lines, self.command])
