"""Whether the images of an attempt are where something says that they were brought to."""

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mjpipe.files import open_regular
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlace:
    """An image that is there. `written` is when its file was last written, in nanoseconds since the epoch; None when
    its content is another, or was not read: the next run looks at it.
    """

    image: PlacedImage
    written: int | None


class Placed(Protocol):
    """Which of an attempt's images are in their places, by their numbers."""

    def of(self, attempt: RecordedAttempt) -> Mapping[int, InPlace]: ...


class AsRecorded:
    """Nobody looks: all images count as there."""

    def of(self, attempt: RecordedAttempt) -> Mapping[int, InPlace]:
        return {image.number: InPlace(image=image, written=None) for image in attempt.images}


class OnDisk:
    """Reads the files below `outputs`. `taken` are the images that are on record: paths and hashes.

    A file with another content may be somebody's work on the image, and stays in its place; unless it is another image,
    of this attempt or of others. A file is the image of one attempt, though several have made the same: of one on
    record, else of the first that is asked about.
    """

    def __init__(
        self, outputs: Path, attempts: Sequence[RecordedAttempt], taken: Collection[tuple[str, str | None]]
    ) -> None:
        self._outputs = outputs
        self._owners: dict[tuple[str, str | None], str | None] = dict.fromkeys(taken)
        self._written: dict[tuple[str, str], int | None] = {}
        images = [image for attempt in attempts for image in attempt.images]
        for image in images:
            if (image.path, image.sha256) not in self._written:
                self._written[image.path, image.sha256] = self._look(image)
        self._taken = {path for path, _ in taken}
        self._taken |= {path for (path, _), written in self._written.items() if written is not None}

    def of(self, attempt: RecordedAttempt) -> Mapping[int, InPlace]:
        found: dict[int, InPlace] = {}
        for image in attempt.images:
            written = self._written[image.path, image.sha256]
            if self._is_own(image, attempt) if written is not None else self._is_changed(image):
                found[image.number] = InPlace(image=image, written=written)
        return found

    def _is_own(self, image: PlacedImage, attempt: RecordedAttempt) -> bool:
        name = attempt.task or attempt.uid
        return self._owners.setdefault((image.path, image.sha256), name) == name

    def _is_changed(self, image: PlacedImage) -> bool:
        return image.path not in self._taken and self._is_file(image.path)

    def _is_file(self, path: str) -> bool:
        return os.path.isfile(self._outputs / path) and os.path.getsize(self._outputs / path) > 0  # noqa: PTH113, PTH202 - many

    def _look(self, image: PlacedImage) -> int | None:
        """When the file was written that has the image's content, None without one."""
        try:
            with open_regular(self._outputs / image.path) as file:
                found = os.fstat(file.fileno())
                if found.st_size != image.size or hashlib.file_digest(file, "sha256").hexdigest() != image.sha256:
                    return None
        except (OSError, ValueError):
            return None
        return found.st_mtime_ns
