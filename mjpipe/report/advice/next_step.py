"""The next thing to do, and the command for it."""

import shlex
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


def see_why_failed(typed: str, key: str) -> NextStep:
    """`typed` is the campaign in commands to type, `key` that of a job that failed."""
    return NextStep(what="see why a job failed", command=f"mjpipe show {typed} {shlex.quote(key)}")


def pick_images(typed: str, key: str) -> NextStep:
    """`key` is that of the first job whose images wait for a person's choice."""
    return NextStep(
        what="pick images, for example image 0 of the first job; then run again",
        command=f"mjpipe pick {typed} {shlex.quote(key)} 0",
    )
