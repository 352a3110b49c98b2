"""`mjpipe explain`: explain a diagnostic."""

import click

from mjpipe.cli.terminal import say
from mjpipe.domain import UsageFault
from mjpipe.manifest import EXPLANATIONS as OF_MANIFESTS
from mjpipe.manifest import Explanation
from mjpipe.plan import EXPLANATIONS as OF_PLANS

EXPLANATIONS: dict[str, Explanation] = dict(sorted({**OF_MANIFESTS, **OF_PLANS}.items()))
"""Every code that mjpipe has."""


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain the diagnostic CODE, with a wrong and a right example. Without CODE, list all codes."""
    if code is None:
        for name, explanation in EXPLANATIONS.items():
            say(f"{name}  {explanation.title}")
        return
    name = code.upper()
    if name not in EXPLANATIONS:
        raise UsageFault(f"there is no code `{code}`", help="`mjpipe explain` lists them")
    say(f"{name}: {EXPLANATIONS[name].title}\n\n{EXPLANATIONS[name].text}", nl=False)
