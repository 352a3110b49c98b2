"""`mjpipe explain`: explain a diagnostic."""

import re

import click

from mjpipe.cli.terminal import say
from mjpipe.domain import UsageFault
from mjpipe.manifest import EXPLANATIONS as OF_MANIFESTS
from mjpipe.manifest import Explanation
from mjpipe.plan import EXPLANATIONS as OF_PLANS

EXPLANATIONS: dict[str, Explanation] = dict(sorted({**OF_MANIFESTS, **OF_PLANS}.items()))
"""Every code that mjpipe has."""

_NUMBER = re.compile(r"(?:MJ)?[ -]?0*([0-9]{1,3})", re.IGNORECASE | re.ASCII)


@click.command("explain")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
def command(codes: tuple[str, ...]) -> None:
    """Explain the diagnostic CODE, with a wrong and a right example. Without CODE, list all codes.

    `MJ024`, `mj24` and `24` are the same code.
    """
    if not codes:
        for name, explanation in EXPLANATIONS.items():
            say(f"{name}  {explanation.title}")
        return
    unknown = [UsageFault(f"there is no code `{code}`") for code in codes if _name(code) not in EXPLANATIONS]
    if unknown:
        first, *others = unknown
        (others or unknown)[-1].help = "`mjpipe explain` lists them"
        first.others = tuple(others)
        raise first
    names = dict.fromkeys(map(_name, codes))
    say("\n".join(f"{name}: {EXPLANATIONS[name].title}\n\n{EXPLANATIONS[name].text}" for name in names), nl=False)


def _name(typed: str) -> str:
    """The code as the program writes it."""
    number = _NUMBER.fullmatch(typed.strip())
    return typed.upper() if number is None else f"MJ{int(number[1]):03}"
