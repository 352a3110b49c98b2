"""`mjpipe`, as a process that is killed while it takes over changed picks: before the third transaction of a new plan.

python -m tests.cli.killed_replan run campaign.yaml --yes
"""

import os
import signal
from typing import Any

from mjpipe.campaign.replanning import Replanning
from mjpipe.cli.main import main
from mjpipe.ledger import Ledger

PIECE = 5
"""Changes in a transaction, so that a few jobs take several."""


def killed_at_the_third(apply: Any) -> Any:
    pieces = 0

    def applied(*arguments: Any, **named: Any) -> Any:
        nonlocal pieces
        pieces += 1
        if pieces == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return apply(*arguments, **named)

    return applied


if __name__ == "__main__":
    assert Replanning.__init__.__kwdefaults__ is not None
    Replanning.__init__.__kwdefaults__["piece"] = PIECE
    Ledger.apply = killed_at_the_third(Ledger.apply)  # type: ignore[method-assign]
    main()
