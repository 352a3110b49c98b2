"""The encodings in which spreadsheets save a picks file, known by their byte order marks."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass

from mjpipe.domain import Place
from mjpipe.plan.mistakes import Mistakes

_MARKS = {BOM_UTF8: "utf-8", BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file's text, without the byte order mark that it may begin with, and how it is written."""

    text: str
    mark: bytes
    encoding: str

    @classmethod
    def of(cls, content: bytes, shown: str, mistakes: Mistakes) -> "Encoded | None":
        """None for bytes that are not text; the place of the first is reported."""
        mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
        encoding = _MARKS.get(mark, "utf-8")
        try:
            return cls(content[len(mark) :].decode(encoding), mark, encoding)
        except UnicodeDecodeError as fault:
            before = content[len(mark) :][: fault.start].decode(encoding)
            line = before.count("\n") + 1
            column = len(before) - before.rfind("\n")
            end = content.find(b"\n", fault.start + len(mark))
            rest = content[fault.start + len(mark) : end if end >= 0 else None].decode(encoding, "replace")
            text = before.rpartition("\n")[2] + rest.rstrip("\r")
            mistakes.error(
                Place(file=shown, line=line, column=column, text=text),
                "MJ090",
                f"the picks file is not {encoding.upper()} from here on",
                help="save it as UTF-8: in Excel, `CSV UTF-8`",
            )
            return None

    def with_text(self, text: str) -> bytes:
        """Another text, written in the same way."""
        return self.mark + text.encode(self.encoding)
