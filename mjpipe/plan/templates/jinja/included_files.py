"""Reads the files that templates include, or copies instead of them."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from jinja2 import BaseLoader, Environment, TemplateNotFound
from jinja2.exceptions import SecurityError

from mjpipe.domain import plain_form, reason_of
from mjpipe.files import CONFLICT, FileTooLarge, conflict_in, named_in, read_regular
from mjpipe.plan.templates.jinja.metering import Meter


class ReadInstead(Protocol):
    """Gives the file to read instead of another, which is named by its absolute path.

    Files of more than `most` bytes are not copied.
    """

    def __call__(self, path: Path, most: int | None = None, /) -> Path: ...


def originals(path: Path, most: int | None = None, /) -> Path:  # noqa: ARG001 - nothing is copied, so there is no bound
    return path


def recording_originals(read: dict[Path, Path]) -> ReadInstead:
    """The files themselves; each one asked for is added to `read`."""

    def noted(path: Path, most: int | None = None, /) -> Path:  # noqa: ARG001 - as above
        return read.setdefault(path, path)

    return noted


_FILES = 400
"""Included files that are kept in memory, as many as Jinja keeps compiled."""

_LARGEST_FILE = 100 << 10

_CHARACTERS_COMPILED = 8
"""Characters of an included file that are compiled in one step, roughly."""


class FolderLoader(BaseLoader):
    """Files below one folder, also through links, or the files to read instead of them.

    They are regular files of at most `_LARGEST_FILE` bytes. The meter counts each compilation. A row may decide which
    files are included, so `read_instead` is called only when a file is read.
    """

    def __init__(self, folder: Path, read_instead: ReadInstead, meter: Meter) -> None:
        self._folder = folder.absolute()
        self._read_instead = read_instead
        self._meter = meter
        self._source = lru_cache(_FILES)(self._read)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:  # noqa: ARG002 - Jinja's signature
        source, path = self._source(template)
        self._meter.spend(len(source) // _CHARACTERS_COMPILED)
        return source, path, None

    def _read(self, template: str) -> tuple[str, str]:
        named = Path(os.path.abspath(named_in(self._folder, template)))  # noqa: PTH100 - copies are named without following links
        try:
            path = named.resolve()
        except (OSError, ValueError, RuntimeError):
            raise TemplateNotFound(template, f"`{template}` is not a file name") from None
        if not path.is_relative_to(self._folder.resolve()):
            raise SecurityError(f"`{template}` is outside the folder of the manifest")
        try:
            source = read_regular(self._read_instead(named, _LARGEST_FILE), _LARGEST_FILE).decode("utf-8-sig")
        except FileNotFoundError:
            raise TemplateNotFound(template, f"`{template}` does not exist") from None
        except UnicodeDecodeError:
            raise TemplateNotFound(template, f"`{template}` is not UTF-8") from None
        except FileTooLarge as fault:
            raise TemplateNotFound(template, f"`{template}` cannot be read: {fault.strerror}") from None
        except OSError as fault:
            raise TemplateNotFound(template, f"`{template}` cannot be read: {reason_of(fault)}") from None
        if (at := conflict_in(source)) is not None:
            # Not a missing file, which `ignore missing` would pass over.
            line = source.count("\n", 0, at) + 1
            raise SecurityError(f"`{template}`, line {line}: {CONFLICT}")
        return plain_form(source), str(path)
