"""Secrets have no place in a manifest: it goes into git, and its copies into the state."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mjpipe.domain import Diagnostic, Place
from mjpipe.manifest.tree import Map, Path, Scalar, Seq, Value, every_entry

_NAME = r"(?:api[_ -]?key|(?:access|auth|bearer|private|secret)[_ -]?(?:key|token)|authorization|password)s?"
_SECRET = re.compile(rf"(?:.*[_ -])?{_NAME}", re.IGNORECASE)
_WRITTEN = re.compile(rf"(?P<name>{_NAME}[\"']?\s*[:=]\s*)(?P<value>[^\s,\]}}][^,\]}}]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Secrets:
    """`paths` are those of the values that nobody shall look at, `places` where they are written."""

    diagnostics: list[Diagnostic]
    paths: frozenset[Path]
    places: tuple[Place, ...]

    def hidden(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic without the secrets in the line that it shows."""
        for place in self.places:
            if (place.file, place.line) == (diagnostic.place.file, diagnostic.place.line):
                text, start = diagnostic.place.text, place.column - 1
                masked = text[:start] + "*" * place.width + text[start + place.width :]
                diagnostic = replace(diagnostic, place=replace(diagnostic.place, text=masked))
        return masked_line(diagnostic)


def masked_line(diagnostic: Diagnostic) -> Diagnostic:
    """The diagnostic without what looks like a secret in its line, which may be none that could be read as YAML."""
    text = _WRITTEN.sub(lambda found: found["name"] + "*" * len(found["value"]), diagnostic.place.text)
    return (
        diagnostic if text == diagnostic.place.text else replace(diagnostic, place=replace(diagnostic.place, text=text))
    )


def secrets_of(document: Map) -> Secrets:
    diagnostics: list[Diagnostic] = []
    paths: set[Path] = set()
    places: list[Place] = []
    for path, entry in every_entry(document):
        if _SECRET.fullmatch(entry.key):
            message = f"`{entry.key}` is a secret, and a manifest is no place for secrets"
            mends = "take it out, and put the key into the environment variable `APIXO_API_KEY`"
            diagnostics.append(Diagnostic(place=entry.place, code="MJ006", message=message, help=mends))
            paths.add(path)
            places += _written(entry.value)
    return Secrets(diagnostics, frozenset(paths), tuple(places))


def _written(value: Value) -> Iterator[Place]:
    match value:
        case Scalar(text=text):
            yield from text.lines
            yield from (place for _, place in text.folds)
        case Seq(items=items):
            for item in items:
                yield from _written(item)
        case Map(entries=entries):
            for entry in entries.values():
                yield from _written(entry.value)
