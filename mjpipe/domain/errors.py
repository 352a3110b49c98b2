"""What can go wrong, as one tree.

    MjpipeError
    ├── UsageFault         type it differently
    ├── InvalidManifest    fix the file
    ├── Locked             wait, or look at the other run
    ├── StateFault         disk, permissions, damaged state
    │   └── StateMoved     put it back, or adopt
    └── ServiceError       what the API said
        ├── Refused        change the request; never sent again, not billed
        │   ├── NotAuthorised
        │   └── OutOfBalance
        ├── NotAccepted    later; sent again, not billed
        ├── GatewayFault   later; sent again, the first try may be billed
        └── Unknown        ask first; in doubt, maybe billed

The exit code of each stands in `mjpipe.cli.exit_codes`.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar

from mjpipe.domain.counts_and_faults import counted
from mjpipe.domain.diagnostics import Diagnostic
from mjpipe.domain.job import Answered


class MjpipeError(Exception):
    """A fault that a person can fix: the message is a fact in the user's words, `help` says what to type or to do.

    `others` are faults that were found together with it, so that all can be fixed at once.
    """

    def __init__(self, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the word users see
        super().__init__(message)
        self.help = help
        self.others: tuple[MjpipeError, ...] = ()


class UsageFault(MjpipeError):
    """A command that cannot be carried out as typed."""


class InvalidManifest(MjpipeError):
    """The manifest or its inputs have mistakes. Carries all of them and the warnings, sorted by place."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=Diagnostic.order))
        super().__init__(_errors_by_file(self.diagnostics))


def _errors_by_file(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors in picks.csv, 1 in products.csv`: files of one name are shown with their paths."""
    counts = Counter[str]()
    for diagnostic in diagnostics:
        if diagnostic.is_error:
            counts[diagnostic.place.file] += diagnostic.count
    names = Counter(PurePath(file).name for file in counts)
    listed: list[str] = []
    for file, count in counts.items():
        name = PurePath(file).name
        number = f"{count:,}" if listed else counted(count, "error")
        listed.append(f"{number} in {name if names[name] == 1 else file}")
    return ", ".join(listed)


class Locked(MjpipeError):
    """Another process is running this campaign."""


class StateFault(MjpipeError):
    """The disk refused, or the state is damaged."""


class StateMoved(StateFault):
    """The state is no longer where this process opened it."""


class ServiceError(MjpipeError):
    """The service, or the way to it, did not do what was asked.

    `status` is the HTTP status, None when no answer came; `code` the envelope's code or a transport's word;
    `evidence` is what was seen, short enough for a ledger, never holding the key.
    """

    answered: ClassVar[Answered] = Answered.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        evidence: str = "",
        retry_after: float | None = None,
        help: str | None = None,  # noqa: A002 - as above
    ) -> None:
        super().__init__(message, help=help)
        self.status = status
        self.code = code
        self.evidence = evidence
        self.retry_after = retry_after
        """Seconds that the service asked to wait, None when it did not say."""


class Refused(ServiceError):
    """The service read the request and declined it; sending it again would change nothing."""

    answered = Answered.REFUSED


class NotAuthorised(Refused):
    """401 or 403: the key is missing, wrong, or may not use the model."""


class OutOfBalance(Refused):
    """402: the account has too little money or quota."""


class NotAccepted(ServiceError):
    """The request never became a task: it may be sent again, and nothing was billed."""

    answered = Answered.NOT_ACCEPTED


class GatewayFault(ServiceError):
    """A gateway answered in the service's place: the request may have become a task all the same."""

    answered = Answered.GATEWAY_FAULT


class Unknown(ServiceError):
    """The request may have become a task; nobody can know from here."""
