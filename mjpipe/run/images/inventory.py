"""The images of a campaign on disk: are they where the ledger says, and where the manifest now wants them?"""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from errno import EEXIST
from itertools import count
from pathlib import Path

from mjpipe.domain import EXTENSION
from mjpipe.files import (
    first_free,
    flush,
    has_content,
    link_if_free,
    make_folders,
    move_aside,
    move_file,
    names_below,
    remove_emptied,
)
from mjpipe.ledger import Checked, ImageOnDisk
from mjpipe.run.images.image_checks import FileCheck, FolderListing, check_file, is_unchanged
from mjpipe.run.images.image_files import ORPHANS, planned_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """`to` is where the image shall be, relative to `outputs.dir`."""

    image: ImageOnDisk
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancies:
    """Where disk and ledger differ.

    `missing` are images of wanted jobs without a file. Where a `broken` one should be is something else: an empty file,
    a piece of one, a folder. `gone` are left-over images without a file. `moves` are for those whose path has changed.
    `checked` are those whose files were read and stay.
    """

    missing: tuple[ImageOnDisk, ...]
    broken: tuple[ImageOnDisk, ...]
    gone: tuple[ImageOnDisk, ...]
    moves: tuple[Move, ...]
    checked: tuple[Checked, ...]


class Inventory:
    """The images of a campaign on disk: `outputs`, and `moving`, where they stand between an old path and a new one.

    A run that is killed meanwhile leaves them there, named by attempt and number, and the next one finds them. `before`
    is the output folder that they were last brought to, None when it is this one: they are moved from there.
    """

    def __init__(self, outputs: Path, moving: Path, before: Path | None = None) -> None:
        self._outputs = outputs
        self._moving = moving
        self._before = before
        self._named = names_below(outputs)
        self._left_between = set(os.listdir(moving)) if moving.is_dir() else set()  # noqa: PTH208 - names alone

    def needs_check(self) -> Callable[[str, int, Sequence[str], int, int], bool]:
        """Says whether `compare` must see an image on record, by its path, number and planned paths, and by its `size`
        and `seen`. The listing of a folder shows most to be in place and unchanged; what comes or goes later is missed.
        """
        if self._before is not None or self._left_between:
            return lambda *_: True
        listing = FolderListing(self._outputs)

        def needed(path: str, number: int, planned: Sequence[str], size: int, seen: int) -> bool:
            file = listing.get(path)
            return file is None or not is_unchanged(file, size, seen) or path != _wanted_at(planned, number, path)

        return needed

    def compare(
        self, images: Iterable[ImageOnDisk], left_over: Sequence[ImageOnDisk] = (), planned: Iterable[str] = ()
    ) -> Discrepancies:
        """Compares the images of wanted jobs with the disk and with their own planned paths, and those left over with
        the disk and with all the paths that are `planned`.
        """
        found = _Found(moves=self.moves_of_left_over(left_over, planned))
        for image in images:
            self._compare_one(image, found)
        missing = self._missing(found)
        return Discrepancies(
            missing=missing,
            broken=tuple(found.broken),
            gone=tuple(image for image in left_over if not self._is_here(image) and not self._is_away(image)),
            moves=tuple(found.moves),
            checked=tuple(found.checked),
        )

    def _compare_one(self, image: ImageOnDisk, found: "_Found") -> None:
        move = Move(image=image, to=_wanted_at(image.planned, image.number, image.path))
        if self._is_between(image) or not self._is_here(image):
            (found.moves if self._is_away(image) else found.absent).append(move)
            return
        check = None if self._before is not None else check_file(self._outputs / image.path, image)
        if check is FileCheck.BROKEN:
            found.broken.append(image)
            return
        if isinstance(check, Checked):
            found.checked.append(check)
        if move.to != image.path:
            found.moves.append(move)

    def _missing(self, found: "_Found") -> tuple[ImageOnDisk, ...]:
        """The absent images, without those that are at their new places already: these are moves."""
        missing: list[ImageOnDisk] = []
        leaving = self._paths_left_by(found.moves)
        for move in found.absent:
            if self._is_at_new_place(move, leaving):
                found.moves.append(move)
            else:
                missing.append(move.image)
        return tuple(missing)

    def _is_at_new_place(self, move: Move, leaving: set[str]) -> bool:
        """Whether somebody has brought it there already. An image of the same content that is leaving is another."""
        return self._named(move.to) not in leaving and has_content(self._outputs / move.to, move.image.content)

    def set_aside(self, images: Iterable[ImageOnDisk]) -> list[str]:
        """Moves what is in the places of images into the orphans' folder; returns the names there, below `outputs`.

        Raises OSError.
        """
        return [self._set_aside(image.path) for image in images]

    def _set_aside(self, path: str) -> str:
        target = first_free(self._outputs / f"{ORPHANS}/{path}.aside-{number}" for number in count(1))
        move_aside(self._outputs / path, target)
        return target.relative_to(self._outputs).as_posix()

    def moves_of_left_over(self, left_over: Iterable[ImageOnDisk], planned: Iterable[str]) -> list[Move]:
        """Moves for the left-over images whose paths the manifest wants for others, and for those that are still in the
        folder before or between two places.

        A file that somebody has changed is left alone. So is one that is in the orphans' folder already.
        """
        images = list(left_over)
        endings = {image.path.rpartition(".")[2] for image in images}
        named = self._named
        wanted = {named(path.replace(EXTENSION, ending)) for path in planned for ending in endings} if images else set()
        moves: list[Move] = []
        for image in images:
            is_in_the_way = named(image.path) in wanted and not image.path.startswith(f"{ORPHANS}/")
            if self._is_away(image):
                moves.append(Move(image=image, to=_orphans_path(image) if is_in_the_way else image.path))
            elif is_in_the_way and has_content(self._outputs / image.path, image.sha256):
                moves.append(Move(image=image, to=_orphans_path(image)))
        return moves

    def move(
        self,
        moves: Sequence[Move],
        record: Callable[[Sequence[tuple[ImageOnDisk, str]]], None],
        *,
        remove_folders: bool = False,
    ) -> list[Move]:
        """Renames images, also where they swap names. Returns the moves that could not be made.

        An image whose new name is taken by a file that mjpipe did not write keeps its old one. All others leave their
        old names before any takes a new one. When all have their new names `record` is called once, and only then are
        their names in between removed. Raises OSError.

        With `remove_folders` those that are left empty are removed: nobody else may bring images meanwhile.
        """
        stuck = self._stuck(moves)
        for move in stuck:
            self._stay(move.image)
        going = [move for move in moves if move not in stuck]
        if going:
            make_folders(self._moving)
        for move in going:
            self._leave(move.image)
        if remove_folders:
            remove_emptied({root / move.image.path for move in going for root in self._roots()}, self._roots())
        for move in going:
            self._arrive(move.image, move.to)
        for folder in {(self._outputs / move.to).parent for move in going}:
            flush(folder)
        record([(move.image, move.to) for move in going])
        for move in going:
            (self._moving / _name(move.image)).unlink(missing_ok=True)
        if remove_folders:
            with suppress(OSError):
                self._moving.rmdir()
        return stuck

    def _stuck(self, moves: Sequence[Move]) -> list[Move]:
        """Moves whose target is taken: by somebody else's file, or by an image that is stuck itself."""
        going, stuck = list(moves), list[Move]()
        while True:
            freed = self._paths_left_by(going)
            more = [move for move in going if self._named(move.to) not in freed and self._is_taken(move)]
            if not more:
                return stuck
            stuck += more
            going = [move for move in going if move not in more]

    def _paths_left_by(self, moves: Iterable[Move]) -> set[str]:
        """As `_named` has them."""
        return {self._named(move.image.path) for move in moves if not self._is_away(move.image)}

    def _is_taken(self, move: Move) -> bool:
        target = self._outputs / move.to
        folder = next(parent for parent in target.parents if os.path.lexists(parent) or parent == self._outputs)
        if folder != self._outputs and not folder.is_dir():
            return True
        return os.path.lexists(target) and not has_content(target, move.image.content)

    def _stay(self, image: ImageOnDisk) -> None:
        """Keeps its old name. It goes back there when an earlier run left it between."""
        between, old = self._moving / _name(image), self._outputs / image.path
        if self._is_between(image) and (link_if_free(between, old) or has_content(old, image.content)):
            between.unlink(missing_ok=True)

    def _is_here(self, image: ImageOnDisk) -> bool:
        if self._before is not None:  # a file of that name in another folder may be anybody's
            return has_content(self._outputs / image.path, image.content)
        return os.path.lexists(self._outputs / image.path)

    def _is_between(self, image: ImageOnDisk) -> bool:
        return _name(image) in self._left_between

    def _is_away(self, image: ImageOnDisk) -> bool:
        """Whether it is between two places, where a killed run left it, or in the folder before."""
        return self._is_between(image) or self._is_left_behind(image)

    def _is_left_behind(self, image: ImageOnDisk) -> bool:
        return self._before is not None and not self._is_here(image) and (self._before / image.path).is_file()

    def _leave(self, image: ImageOnDisk) -> None:
        if self._is_between(image):
            return
        if self._is_left_behind(image):
            assert self._before is not None
            move_file(self._before / image.path, self._moving / _name(image))
        elif self._is_here(image):
            move_file(self._outputs / image.path, self._moving / _name(image))

    def _roots(self) -> list[Path]:
        return [root for root in (self._outputs, self._before) if root is not None]

    def _arrive(self, image: ImageOnDisk, path: str) -> None:
        between, target = self._moving / _name(image), self._outputs / path
        make_folders(target.parent)
        if between.exists() and not link_if_free(between, target) and not has_content(target, image.content):
            raise FileExistsError(EEXIST, "appeared while images were moved", str(target))


@dataclass(slots=True, kw_only=True)
class _Found:
    """Discrepancies as they are found. `absent` are images of wanted jobs that are not where the ledger says."""

    moves: list[Move]
    absent: list[Move] = field(default_factory=list)
    broken: list[ImageOnDisk] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)


def _wanted_at(planned: Sequence[str], number: int, path: str) -> str:
    """The path of an image by the plan, with the ending that it has at `path`."""
    return planned_path(planned, number).replace(EXTENSION, path.rpartition(".")[2])


def _name(image: ImageOnDisk) -> str:
    return f"{image.attempt}-{image.number}"


def _orphans_path(image: ImageOnDisk) -> str:
    stem, _, ending = image.path.rpartition(".")
    return f"{ORPHANS}/{stem}.{image.sha256[:8]}.{ending}"
