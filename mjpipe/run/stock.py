"""Taking stock before a run: are the images still where the ledger says, and where the manifest now wants them?"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from errno import EEXIST
from pathlib import Path

from mjpipe.domain import EXTENSION
from mjpipe.ledger import ImageOnDisk
from mjpipe.run.image_files import ORPHANS, carry, flush, has_content, link_anew, planned_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """`to` is where the image shall be, relative to `outputs.dir`."""

    image: ImageOnDisk
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """`missing` are images whose file is gone, `moves` those whose path is another by now."""

    missing: tuple[ImageOnDisk, ...]
    moves: tuple[Move, ...]


class Storeroom:
    """The images of a campaign on disk: `outputs`, and `moving`, where they stand between an old path and a new one.

    A run that is killed in between leaves them there, by attempt and number, and the next one finds them. `before` is
    the output folder that the manifest named when the images were last brought to their places, None when it was this
    one: they come after it.
    """

    def __init__(self, outputs: Path, moving: Path, before: Path | None = None) -> None:
        self._outputs = outputs
        self._moving = moving
        self._before = before
        self._left_between = set(os.listdir(moving)) if moving.is_dir() else set()  # noqa: PTH208 - names alone

    def take_stock(self, images: Iterable[ImageOnDisk]) -> Stock:
        """Holds the images of wanted jobs against the disk and against their planned paths."""
        missing: list[ImageOnDisk] = []
        moves: list[Move] = []
        for image in images:
            to = planned_path(image.planned, image.number).replace(EXTENSION, image.path.rpartition(".")[2])
            if _name(image) not in self._left_between and self._is_here(image):
                if to != image.path:
                    moves.append(Move(image=image, to=to))
            elif self._is_on_its_way(image, to):
                moves.append(Move(image=image, to=to))
            else:
                missing.append(image)
        return Stock(missing=tuple(missing), moves=tuple(moves))

    def of_left_over(self, left_over: Iterable[ImageOnDisk], planned: Iterable[str]) -> list[Move]:
        """Moves for those of the images left over whose paths the manifest wants for other ones, and for those that
        stayed behind in the folder before.

        A file that somebody has changed since is left alone; so is what lies in the orphans' folder already.
        """
        images = list(left_over)
        endings = {image.path.rpartition(".")[2] for image in images}
        wanted = {path.replace(EXTENSION, ending) for path in planned for ending in endings} if images else set()
        moves: list[Move] = []
        for image in images:
            is_in_the_way = image.path in wanted and not image.path.startswith(f"{ORPHANS}/")
            if self._is_left_behind(image):
                moves.append(Move(image=image, to=_orphans_path(image) if is_in_the_way else image.path))
            elif is_in_the_way and (
                _name(image) in self._left_between or has_content(self._outputs / image.path, image.sha256)
            ):
                moves.append(Move(image=image, to=_orphans_path(image)))
        return moves

    def move(self, moves: Sequence[Move], record: Callable[[Sequence[tuple[ImageOnDisk, str]]], None]) -> list[Move]:
        """Gives each image its new name, also where images swap names. Gives the moves that could not be made.

        An image whose new name is taken by a file that mjpipe did not write keeps its old one. All others leave their
        old names before any takes a new one; all have new ones before `record` is told, once; and only then are they
        gone from between. Raises OSError.
        """
        stuck = self._stuck(moves)
        for move in stuck:
            self._stay(move.image)
        going = [move for move in moves if move not in stuck]
        if going:
            self._moving.mkdir(parents=True, exist_ok=True)
        for move in going:
            self._leave(move.image)
        for move in going:
            self._arrive(move.image, move.to)
        for folder in {(self._outputs / move.to).parent for move in going}:
            flush(folder)
        record([(move.image, move.to) for move in going])
        for move in going:
            (self._moving / _name(move.image)).unlink(missing_ok=True)
        return stuck

    def _stuck(self, moves: Sequence[Move]) -> list[Move]:
        """Moves whose target is taken: by somebody else's file, or by an image that is stuck there itself."""
        going, stuck = list(moves), list[Move]()
        while True:
            freed = {
                move.image.path
                for move in going
                if _name(move.image) not in self._left_between and not self._is_left_behind(move.image)
            }
            more = [move for move in going if move.to not in freed and self._is_taken(move)]
            if not more:
                return stuck
            stuck += more
            going = [move for move in going if move not in more]

    def _is_taken(self, move: Move) -> bool:
        target = self._outputs / move.to
        folder = next(parent for parent in target.parents if os.path.lexists(parent) or parent == self._outputs)
        if folder != self._outputs and not folder.is_dir():
            return True
        return os.path.lexists(target) and not has_content(target, move.image.sha256)

    def _stay(self, image: ImageOnDisk) -> None:
        """Under its old name, to which it goes back when an earlier run left it between."""
        between, old = self._moving / _name(image), self._outputs / image.path
        if _name(image) in self._left_between and (link_anew(between, old) or has_content(old, image.sha256)):
            between.unlink(missing_ok=True)

    def _is_here(self, image: ImageOnDisk) -> bool:
        if self._before is not None:  # what has that name in another folder may be anybody's
            return has_content(self._outputs / image.path, image.sha256)
        return os.path.exists(f"{self._outputs}/{image.path}")  # noqa: PTH110 - once for each image of a campaign

    def _is_on_its_way(self, image: ImageOnDisk, to: str) -> bool:
        """Whether it is between two places, or where it was before, or where it shall be: then a run was killed before
        that was recorded.
        """
        return (
            _name(image) in self._left_between
            or self._is_left_behind(image)
            or has_content(self._outputs / to, image.sha256)
        )

    def _is_left_behind(self, image: ImageOnDisk) -> bool:
        return self._before is not None and not self._is_here(image) and (self._before / image.path).is_file()

    def _leave(self, image: ImageOnDisk) -> None:
        if _name(image) in self._left_between:
            return
        if self._is_left_behind(image):
            assert self._before is not None
            carry(self._before / image.path, self._moving / _name(image))
        elif self._is_here(image):
            (self._outputs / image.path).rename(self._moving / _name(image))

    def _arrive(self, image: ImageOnDisk, path: str) -> None:
        between, target = self._moving / _name(image), self._outputs / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if between.exists() and not link_anew(between, target) and not has_content(target, image.sha256):
            raise FileExistsError(EEXIST, "appeared while images were moved", str(target))


def _name(image: ImageOnDisk) -> str:
    return f"{image.attempt}-{image.number}"


def _orphans_path(image: ImageOnDisk) -> str:
    stem, _, ending = image.path.rpartition(".")
    return f"{ORPHANS}/{stem}.{image.sha256[:8]}.{ending}"
