"""The contents of a task's picture, from its request and from the pictures that it started from."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from mjpipe.contract import Mode, Speed
from mjpipe.sandbox.pictures.canvas import Point
from mjpipe.sandbox.pictures.photos import image_size
from mjpipe.sandbox.pictures.scene import Scene, scene, varied
from mjpipe.sandbox.submission import before_flags
from mjpipe.sandbox.task import Task

Size: TypeAlias = tuple[int, int]
_Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, in parts of the canvas."""

LONG = 512
"""Pixels of the longer side, at most; an upscaled picture has twice as many."""

EVERYTHING: _Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A scene. `behind` shines through its background; a `coarse` one has few details."""

    size: Size
    scene: Scene
    caption: str
    behind: "Painting | None" = None
    coarse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """`base`, laid on the canvas at `place`, with a scene in its `areas`: outlines in parts of the canvas.

    Without areas the whole canvas is changed.
    """

    size: Size
    base: "Painting"
    place: _Box
    areas: tuple[tuple[Point, ...], ...]
    scene: Scene
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """An image that was fetched from another host."""

    size: Size
    content: bytes


Painting: TypeAlias = Drawn | Edited | Photo


class TaskArchive(Protocol):
    """Where tasks and fetched images are found."""

    def task(self, task_id: str, /) -> Task | None: ...

    def photo(self, digest: str, /) -> bytes: ...


def painting(task: Task, index: int, archive: TaskArchive) -> Painting:
    """`archive` holds the tasks that this one started from, and theirs."""
    request, configuration = _configured(task, archive)
    caption = f"{_prompts_so_far(task, archive)}\n{task.mode} · image {index} · drawn by the mjpipe sandbox"
    asked = _Asked(
        request=request,
        base=_base_of(configuration, archive),
        scene=scene(_words(request), task.seed, index),
        seed=task.seed,
        index=index,
        speed=task.speed,
        caption=caption,
    )
    return _PAINTERS[configuration.configuration](asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a painter is given: the request, the picture that it starts from, and the scene that its words describe."""

    request: dict[str, Any]
    base: "Painting | None"
    scene: Scene
    seed: str
    index: int
    speed: Speed | None
    caption: str

    @property
    def source(self) -> "Painting":
        assert self.base is not None, "such a task is refused without a source"
        return self.base


def _generated(asked: _Asked) -> Painting:
    return Drawn(
        size=_ratio_size(str(asked.request.get("aspect_ratio", "1:1"))),
        scene=asked.scene,
        caption=asked.caption,
        behind=asked.base,
        coarse=asked.speed is Speed.DRAFT,
    )


def _varied(asked: _Asked) -> Painting:
    strong = asked.request.get("type") == 1
    text = _words(asked.request)
    return _variation(asked.source, text, asked.seed, asked.index, strong=strong, caption=asked.caption)


def _upscaled(asked: _Asked) -> Painting:
    width, height = asked.source.size
    return replace(_captioned(asked.source, asked.caption), size=(width * 2, height * 2))


def _enhanced(asked: _Asked) -> Painting:
    return (
        replace(asked.source, coarse=False, caption=asked.caption)
        if isinstance(asked.source, Drawn)
        else _varied(asked)
    )


def _configured(task: Task, archive: TaskArchive) -> tuple[dict[str, Any], Task]:
    """The request that is carried out, and its task: for one that repeats its source, those of the source."""
    original = task
    while original.mode.facts.repeats_source and original.source is not None:
        source = archive.task(original.source.task_id)
        assert source is not None
        original = source
    return dict(original.input), original


def _base_of(task: Task, archive: TaskArchive) -> Painting | None:
    """The picture that a task starts from. One of another host that is not fetched is drawn from its address."""
    if task.source is not None:
        source = archive.task(task.source.task_id)
        assert source is not None
        return painting(source, task.source.index, archive)
    if task.photo is not None:
        content = archive.photo(task.photo)
        return Photo(size=_within(image_size(content)), content=content)
    urls = task.input.get("image_urls")
    if not isinstance(urls, list) or not urls:
        return None
    address = str(urls[0])
    return Drawn(size=_ratio_size("1:1"), scene=scene(address, address, 0), caption=f"in place of {address}")


def _words(request: dict[str, Any]) -> str:
    """The texts of the request, without the flags that the service drops."""
    return ", ".join(
        text
        for name in ("prompt", "remixPrompt")
        if isinstance(request.get(name), str) and (text := before_flags(request[name]))
    )


def _prompts_so_far(task: Task, archive: TaskArchive) -> str:
    """All prompts from the first task to this one."""
    source = archive.task(task.source.task_id) if task.source and not task.mode.facts.sent_by_url else None
    parts = [_prompts_so_far(source, archive)] if source else []
    return ", ".join([*parts, *filter(None, [_words(dict(task.input))])])


def _ratio_size(ratio: str) -> Size:
    """The largest size of exactly this ratio."""
    width, height = (int(part) for part in ratio.split(":"))
    unit = LONG // max(width, height)
    return width * unit, height * unit


def _within(size: Size) -> Size:
    scale = min(1.0, LONG / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _edited(asked: _Asked) -> Painting:
    """Masks and places are in pixels of the client's canvas, whatever its size."""
    request = asked.request
    canvas, put = request.get("canvas"), request.get("imgPos")
    size, place = _within(asked.source.size), EVERYTHING
    if canvas:
        width, height = canvas["width"], canvas["height"]
        scale = LONG / max(width, height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        if put:
            right, bottom = put["x"] + put["width"], put["y"] + put["height"]
            place = _near(put["x"] / width), _near(put["y"] / height), _near(right / width), _near(bottom / height)
    return Edited(
        size=size,
        base=asked.source,
        place=place,
        areas=tuple(_outline(area) for area in (request.get("mask") or {"areas": ()})["areas"]),
        scene=asked.scene,
        caption=asked.caption,
    )


def _outline(area: dict[str, Any]) -> tuple[Point, ...]:
    points = area["points"]
    corners = zip(points[::2], points[1::2], strict=True)
    return tuple((_near(x / area["width"]), _near(y / area["height"])) for x, y in corners)


def _near(part: float) -> float:
    """A place limited to what can be seen: a client may name places far outside its canvas."""
    return min(4.0, max(-3.0, part))


def _captioned(base: Painting, caption: str) -> Painting:
    return base if isinstance(base, Photo) else replace(base, caption=caption)


def _variation(base: Painting, text: str, seed: str, index: int, *, strong: bool, caption: str) -> Painting:
    """Varies every scene in the picture a little; an edited area stays where it is."""
    if isinstance(base, Photo):
        return base
    other = varied(base.scene, text, seed, index, strong=strong)
    if isinstance(base, Drawn):
        return replace(base, size=_within(base.size), scene=other, caption=caption, coarse=False)
    below = _variation(base.base, text, seed, index, strong=strong, caption="")
    return replace(base, size=_within(base.size), base=below, scene=other, caption=caption)


_PAINTERS: dict[Mode, Callable[[_Asked], Painting]] = {
    Mode.TEXT_TO_IMAGE: _generated,
    Mode.IMAGE_TO_IMAGE: _generated,
    Mode.IMAGE_EDIT: _edited,
    Mode.VARY: _varied,
    Mode.UPSCALE: _upscaled,
    Mode.ENHANCE: _enhanced,
}
"""By the mode that is carried out; one that repeats its source needs none."""
