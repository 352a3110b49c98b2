"""The `console` blocks of a document: commands, and the lines that the document shows of what each prints."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

LEFT_OUT = "…"
"""A line of its own stands for lines that are left out; within a line, for words that differ each time."""

_BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
_EXITS = re.compile(r"# exits with (\d+)")
_ANSWER = re.compile(r"\[[yY]/[nN]\]: (\w+)$", re.MULTILINE)
_CLOSE = 0.6
"""How similar two lines have to be to be an older and a newer form of one."""


@dataclass(frozen=True, slots=True)
class Command:
    """A line behind `$ `, and the lines below it without empty ones."""

    line: str
    shown: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line, comments=True)

    @property
    def code(self) -> int:
        said = _EXITS.search(self.line)
        return int(said[1]) if said else 0

    @property
    def answers(self) -> list[str]:
        """What is typed at its questions."""
        return _ANSWER.findall("\n".join(self.shown))


def commands(document: str) -> list[Command]:
    return [command for block in _BLOCK.findall(document) for command in _commands(block)]


def _commands(block: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, *shown = part.splitlines()
        yield Command(line, tuple(text for text in shown if text.strip()))


def is_shown(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether a document shows these lines in their order, with a sign wherever lines between them are left out.
    Empty lines do not count, and a document may show nothing at all.
    """
    printed = [line for line in printed if line.strip()]
    if not shown:
        return True
    pieces = [[*lines] for left_out, lines in groupby(shown, key=lambda line: line.strip() == LEFT_OUT) if not left_out]
    start = 0
    for index, piece in enumerate(pieces):
        first, last = index == 0 and shown[0] != LEFT_OUT, index == len(pieces) - 1 and shown[-1].strip() != LEFT_OUT
        places = range(start, len(printed) - len(piece) + 1)
        found = [at for at in places if all(map(_is_shown, piece, printed[at:]))]
        found = [at for at in found if (not first or at == 0) and (not last or at + len(piece) == len(printed))]
        if not found:
            return False
        start = found[0] + len(piece)
    return True


def _is_shown(shown: str, printed: str) -> bool:
    pattern = ".*".join(map(re.escape, shown.split(LEFT_OUT)))
    return shown == printed or (LEFT_OUT in shown and re.fullmatch(pattern, printed) is not None)


def with_lines(document: str, printed: Sequence[Sequence[str]]) -> str:
    """The document with the lines that its commands, in their order, print today. The lines that it showed are looked
    for among them, the same or similar; one that is gone is left out.
    """
    rest = iter(printed)

    def again(block: re.Match[str]) -> str:
        text = block[0].partition("$ ")[0]
        for command in _commands(block[0]):
            lines = [command.line, *_lines_of_today(command.shown, next(rest))]
            text += f"$ {lines[0]}\n" + "".join(f"{line}\n" for line in lines[1:])
        return text

    return _BLOCK.sub(again, document)


def _lines_of_today(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    if is_shown(shown, printed):
        return [*shown]
    printed = [line for line in printed if line.strip()]
    lines: list[str] = []
    at = 0
    for line in shown:
        if line.strip() == LEFT_OUT:
            continue
        found = _similar(line, printed, at)
        if found is None:
            continue
        lines += [LEFT_OUT] if found > at else []
        lines.append(line if _is_shown(line, printed[found]) else printed[found])
        at = found + 1
    return [*lines, *([LEFT_OUT] if lines and at < len(printed) else [])]


def _similar(line: str, printed: Sequence[str], start: int) -> int | None:
    places = range(start, len(printed))
    same = next((at for at in places if _is_shown(line, printed[at])), None)
    if same is not None:
        return same
    ratios = {at: SequenceMatcher(None, line, printed[at]).ratio() for at in places}
    best = max(ratios, key=ratios.__getitem__, default=None)
    return best if best is not None and ratios[best] >= _CLOSE else None
