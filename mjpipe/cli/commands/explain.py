"""`mjpipe explain`: explain a diagnostic."""

import re

import click

from mjpipe.cli.terminal import prose_width, say
from mjpipe.domain import UsageFault, wrapped
from mjpipe.manifest import EXPLANATIONS as OF_MANIFESTS
from mjpipe.manifest import Explanation
from mjpipe.plan import EXPLANATIONS as OF_PLANS

EXPLANATIONS: dict[str, Explanation] = dict(sorted({**OF_MANIFESTS, **OF_PLANS}.items()))
"""Every code that mjpipe has."""

_NUMBER = re.compile(r"(?:MJ)?[ -]?0*([0-9]{1,3})", re.IGNORECASE | re.ASCII)

_PARAGRAPH = re.compile(r"^(?!(?:wrong|right):)\S[^\n]*(?:\n(?!(?:wrong|right):)\S[^\n]*)*", re.MULTILINE)


@click.command("explain")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
def command(codes: tuple[str, ...]) -> None:
    """Explain the diagnostic CODE, with a wrong and a right example. Without CODE, list all codes.

    `MJ024`, `mj24` and `24` are the same code.
    """
    width = prose_width()
    if not codes:
        for name, explanation in EXPLANATIONS.items():
            say(_listed(name, explanation.title, width))
        return
    unknown = [UsageFault(f"there is no code `{code}`") for code in codes if _name(code) not in EXPLANATIONS]
    if unknown:
        first, *others = unknown
        (others or unknown)[-1].help = "`mjpipe explain` lists them"
        first.others = tuple(others)
        raise first
    names = dict.fromkeys(map(_name, codes))
    say("\n".join(_text(name, EXPLANATIONS[name], width) for name in names), nl=False)


def _listed(name: str, title: str, width: int | None) -> str:
    if width is None:
        return f"{name}  {title}"
    return "\n".join(wrapped(title, width, first=f"{name}  ", rest=" " * len(f"{name}  ")))


def _text(name: str, explanation: Explanation, width: int | None) -> str:
    """With its paragraphs wrapped again; the examples, which are indented, stay as they are."""
    title, text = f"{name}: {explanation.title}", explanation.text
    if width is not None:
        title = "\n".join(wrapped(title, width, rest="  "))
        text = _PARAGRAPH.sub(lambda found: "\n".join(wrapped(found[0], width)), text)
    return f"{title}\n\n{text}"


def _name(typed: str) -> str:
    """The code as the program writes it."""
    number = _NUMBER.fullmatch(typed.strip())
    return typed.upper() if number is None else f"MJ{int(number[1]):03}"
