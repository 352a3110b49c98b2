"""Parses YAML text into a tree, or into the mistakes that prevent it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from mjpipe.domain import Diagnostic, Place
from mjpipe.files import CONFLICT, RESOLVE, conflict_in
from mjpipe.manifest.document.scalars import resolve, text_at
from mjpipe.manifest.document.source_text import SourceText
from mjpipe.manifest.document.tree import Entry, Map, Scalar, Seq, Value

# The C parser reads ten times as fast; a PyYAML built without it has the other, which gives the same events.
PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MARK = "\ufeff"

ODD_SPACES = "\u00a0\u2007\u202f\u2002\u2003\u2009\u3000"
"""White space that word processors and web pages use, and that is a letter like any other to YAML."""

_TEXT_OR_COMMENT = re.compile(r"""(?<![^\s\[{,:])(?:"(?:[^"\\]|\\.)*"|'[^']*'|(?P<comment>#[^\s#][^\n]*))""")

_QUOTE_HASH = "text after ` #` is a comment: quote a text that has a `#` in it"
_HELP = {
    "a tab": "indent with spaces",
    "a byte order mark": "delete it, or type the beginning of the line again",
    "mapping values are not allowed": "quote a text that has `: ` in it, and look at the indentation",
    "found unknown escape": "in double quotes a backslash is written twice; in single quotes once",
    "cannot start any token": "quote a text that begins with this character",
    "expected alphabetic or numeric character": "quote a text that begins with `*`, `&` or `!`",
    "expected ',' or": "within brackets, quote a text that has brackets, a comma or `: ` in it",
    "did not find expected key": "look at the indentation; in single quotes an apostrophe is written twice",
}
"""Help, by a part of the parser's message."""

DEEPEST = 40
MOST_VALUES = 100_000
"""Of keys, values, aliases and lines of texts together: each takes up to a kilobyte of memory."""

ALIASED = 10_000
"""How many values all aliases together may stand for: otherwise a few lines could fill the memory."""

LONGEST_TEXT = 1 << 20
"""Characters of one key or value."""

_TEXT_OF_A_VALUE = 1_000
"""Characters of an aliased text that count as one value more."""


class _Unreadable(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(slots=True)
class _Unfinished:
    """A sequence or map whose end has not been read yet."""

    start: int
    place: Place
    anchor: str | None
    entries: dict[str, Entry] | None
    items: list[Value] = field(default_factory=list)
    key: tuple[str, Place] | None = None
    size: int = 1


def read_yaml(lines: SourceText, parser: Any = PARSER) -> tuple[Value | None, list[Diagnostic]]:
    """The one document of a file, by the core rules of YAML 1.2; None when it is empty or cannot be read.

    Of a repeated key the first value counts. `parser` is a loader class of PyYAML.
    """
    if unresolved := conflict_mistake(lines):
        return None, [unresolved]
    reader = _Reader(lines)
    try:
        for event in _events(lines, parser):
            reader.read_event(event)
    except _Unreadable as fault:
        # With wrong indentation, all that follows is misread.
        return None, reader.misindented() or [*reader.diagnostics, fault.diagnostic]
    if misindented := reader.misindented():
        return None, misindented
    return reader.document, reader.diagnostics


def conflict_mistake(lines: SourceText, code: str = "MJ002") -> Diagnostic | None:
    """What is wrong with a file in which git left both sides of a conflict."""
    at = conflict_in(lines.text)
    return None if at is None else Diagnostic(place=lines.place(at, 7), code=code, message=CONFLICT, help=RESOLVE)


def _events(lines: SourceText, parser: Any) -> Iterator[Any]:
    try:
        yield from yaml.parse(lines.text, Loader=parser)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        index = min(mark.index, len(lines.text)) if mark else 0
        problem = (fault.problem or fault.context or "it cannot be read").lower()
        if lines.text[index : index + 1] == "\t":
            problem = "there is a tab where white space counts"
        if _MARK in lines.text[max(0, index - 1) : index + 1]:
            index = lines.text.index(_MARK, max(0, index - 1))
            problem = "there is an invisible byte order mark within the text"
        if problem == "found unexpected end of stream" and fault.context_mark:
            index, problem = min(fault.context_mark.index, len(lines.text)), "the quote that opens here is never closed"
        begin = min(fault.context_mark.index, index) if fault.context_mark else index
        raise _Unreadable(_cut_by_comment(lines, _not_yaml(lines.place(index), problem), begin, index)) from None
    except yaml.reader.ReaderError as fault:
        # Its position counts bytes or characters, depending on the parser.
        refused = yaml.reader.Reader.NON_PRINTABLE.search(lines.text)
        index = refused.start() if refused else 0
        raise _Unreadable(_not_yaml(lines.place(index), f"{fault.reason}")) from None
    except yaml.YAMLError as fault:
        raise _Unreadable(_not_yaml(lines.place(0), str(fault))) from None


def _cut_by_comment(lines: SourceText, mistake: Diagnostic, begin: int, end: int) -> Diagnostic:
    """The mistake that is found at `end` in a bracket that was opened at `begin`. If a comment hides the closing one,
    it is shown instead: the parser notices that only some lines below.
    """
    if "expected ',' or" not in mistake.message:
        return mistake
    comments = [found for found in _TEXT_OR_COMMENT.finditer(lines.text, begin, end) if found["comment"]]
    hidden = next((found for found in reversed(comments) if re.search(r"[\]}]", found["comment"])), None)
    if hidden is None:
        return replace(mistake, help=_QUOTE_HASH) if comments else mistake
    written = hidden["comment"].rstrip()
    return Diagnostic(
        place=lines.place(hidden.start("comment"), len(written)),
        code=mistake.code,
        message="this is not YAML: a comment hides the end of a bracket",
        help=_QUOTE_HASH,
    )


def _not_yaml(place: Place, problem: str) -> Diagnostic:
    help_text = next((help_text for part, help_text in _HELP.items() if part in problem), None)
    return Diagnostic(place=place, code="MJ002", message=f"this is not YAML: {problem}", help=help_text)


class _Reader:
    """Builds the tree from the parser's events, without recursion: a file could nest deeper than Python's stack."""

    def __init__(self, lines: SourceText) -> None:
        self.lines = lines
        self.document: Value | None = None
        self.diagnostics: list[Diagnostic] = []
        self._open: list[_Unfinished] = []
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._aliased = 0
        self._values = 0
        self._documents = 0
        self._misindented: list[Place] = []

    def misindented(self) -> list[Diagnostic]:
        """The keys that begin with a space that YAML takes for a letter, as one mistake with a count."""
        if not self._misindented:
            return []
        message = "this is not YAML: a space that YAML takes for a letter stands before a key"
        mistake = Diagnostic(place=self._misindented[0], code="MJ002", message=message)
        return [mistake.repeated(len(self._misindented) - 1)]

    def read_event(self, event: Any) -> None:
        start = event.start_mark.index
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _Unreadable(
                        self._unsupported(start, 3, "a manifest is one YAML document, and a second one starts here")
                    )
            case yaml.AliasEvent():
                self._count(1, start)
                self._alias(event.anchor, start)
            case yaml.ScalarEvent():
                self._count(1, start)
                self._refuse_tag(event)
                self._scalar(event, start)
            case yaml.CollectionStartEvent():
                self._count(1, start)
                self._refuse_tag(event)
                if len(self._open) >= DEEPEST:
                    raise _Unreadable(self._too_large(start, f"the file nests deeper than {DEEPEST} levels"))
                entries: dict[str, Entry] | None = {} if isinstance(event, yaml.MappingStartEvent) else None
                self._open.append(_Unfinished(start, self.lines.place(start), event.anchor, entries))
            case yaml.CollectionEndEvent():
                closed = self._open.pop()
                value = Seq(tuple(closed.items), closed.place)
                self._add(
                    value if closed.entries is None else Map(closed.entries, closed.place),
                    closed.anchor,
                    closed.start,
                    closed.size,
                )

    def _count(self, values: int, start: int) -> None:
        """Count values before they are added to the tree."""
        self._values += values
        if self._values > MOST_VALUES:
            message = f"the file has more than {MOST_VALUES:,} values"
            raise _Unreadable(
                self._too_large(start, message, "put rows into a CSV file, which may have any number of them")
            )

    def _scalar(self, event: Any, start: int) -> None:
        if len(event.value) > LONGEST_TEXT:
            raise _Unreadable(self._too_large(start, f"a text is longer than {LONGEST_TEXT:,} characters"))
        text = text_at(self.lines, event.value, event.style or "", start, event.end_mark.index)
        self._count(len(text.lines) + len(text.folds) - 1, start)
        value = event.value if event.style else resolve(event.value)
        self._add(Scalar(value, text), event.anchor, start, 1 + len(event.value) // _TEXT_OF_A_VALUE)

    def _alias(self, name: Any, start: int) -> None:
        if name not in self._anchors:
            message = f"no anchor `&{name}` is defined above this alias"
            raise _Unreadable(self._unsupported(start, len(name) + 1, message, "quote a text that begins with `*`"))
        value, size = self._anchors[name]
        self._aliased += size
        if self._aliased > ALIASED:
            raise _Unreadable(self._too_large(start, f"the file's aliases stand for more than {ALIASED:,} values"))
        self._add(value, None, start, size)

    def _add(self, value: Value, anchor: str | None, start: int, size: int) -> None:
        if anchor:
            self._anchors[anchor] = value, size
        if not self._open:
            self.document = value
            return
        parent = self._open[-1]
        parent.size += size
        if parent.entries is None:
            parent.items.append(value)
        elif parent.key is None:
            parent.key = self._key(value, start)
        else:
            self._add_entry(parent.entries, *parent.key, value)
            parent.key = None

    def _key(self, value: Value, start: int) -> tuple[str, Place]:
        if not isinstance(value, Scalar):
            raise _Unreadable(self._not_a_key(start))
        key = value.text.source
        if key[:1] in ODD_SPACES and key and self.lines.text[start] == key[0]:
            self._misindented.append(value.place)
        return key, value.place

    def _not_a_key(self, start: int) -> Diagnostic:
        if self.lines.text[start - 1 : start + 1] == "{{":
            return self._unsupported(start - 1, 2, "a text that begins with `{{` needs quotes", 'such as "{{ name }}"')
        return self._unsupported(start, 1, "a key is text, not a list or a mapping")

    def _add_entry(self, entries: dict[str, Entry], key: str, place: Place, value: Value) -> None:
        first = entries.get(key)
        if first is None:
            entries[key] = Entry(key, place, value)
            return
        message = f"the key `{key}` appears a second time"
        help_text = f"keep one of the two; the first is on line {first.place.line}"
        self.diagnostics.append(Diagnostic(place=place, code="MJ003", message=message, help=help_text))

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            start = event.start_mark.index
            tag = self.lines.text.find("!", start, event.end_mark.index)
            self.diagnostics.append(
                self._unsupported(
                    tag if tag >= 0 else start,
                    1,
                    "a manifest has no YAML tags",
                    "remove the tag, or quote a text that begins with `!`",
                )
            )

    def _unsupported(self, index: int, width: int, message: str, help_text: str | None = None) -> Diagnostic:
        return Diagnostic(place=self.lines.place(index, width), code="MJ005", message=message, help=help_text)

    def _too_large(self, index: int, message: str, help_text: str | None = None) -> Diagnostic:
        return Diagnostic(place=self.lines.place(index), code="MJ004", message=message, help=help_text)
