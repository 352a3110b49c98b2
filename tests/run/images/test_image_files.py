"""Images come whole, to their own places, and never over somebody else's file."""

import io
import os
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mjpipe.apixo import Fetched
from mjpipe.domain import EXTENSION, StateFault
from mjpipe.ledger import ImageFacts, Stored
from mjpipe.run.images.image_files import NOTHING, Displaced, place, planned_path
from mjpipe.run.images.whole_images import BrokenImage


def image(format_name: str = "PNG", colour: str = "teal") -> bytes:
    file = io.BytesIO()
    noise = Image.effect_noise((32, 32), 64)
    picture = Image.new("RGB", (32, 32), colour)
    picture.paste(noise, (0, 0), noise)
    picture.save(file, format_name)
    return file.getvalue()


def several(format_name: str) -> bytes:
    """A file with two pictures: an animation, or what a phone writes."""
    file = io.BytesIO()
    first, second = (Image.new("RGB", (32, 32), colour) for colour in ("teal", "red"))
    first.save(file, format_name, save_all=True, append_images=[second])
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return pack(">I", len(data)) + kind + data + pack(">I", crc32(kind + data))


WHOLE = {name: image(name) for name in ("PNG", "JPEG", "WEBP", "GIF")}
PNG = WHOLE["PNG"]


def brought(content: bytes, part: Path, *, large: bool) -> Fetched:
    digest = sha256(content).hexdigest()
    if not large:
        return Fetched(size=len(content), sha256=digest, content=content)
    part.write_bytes(content)
    return Fetched(size=len(content), sha256=digest)


class Disk:
    """An output folder, and a download that has just come: as bytes, or in a file when it is large."""

    def __init__(self, folder: Path, *, large: bool) -> None:
        self._large = large
        self.outputs = folder / "out"
        self.held = folder / "held"
        self.part = folder / "1-0.part"
        self.outputs.mkdir()

    def bring(
        self, content: bytes, path: str = f"hero/a-0.{EXTENSION}", *, replaceable: Mapping[str, str] = NOTHING
    ) -> Stored | Displaced:
        fetched = brought(content, self.part, large=self._large)
        waiting = self.held / "it"
        return place(self.part, fetched, self.outputs, path, number=0, waiting=waiting, replaceable=replaceable)

    def files(self) -> dict[str, bytes]:
        return {str(file.relative_to(self.outputs)): file.read_bytes() for file in self.outputs.rglob("*.*")}

    def inodes(self) -> list[tuple[str, int]]:
        return sorted((str(path), os.lstat(path).st_ino) for path in self.outputs.rglob("*"))


@pytest.fixture(params=["large", "small"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return Disk(tmp_path, large=request.param == "large")


COMES: dict[str, tuple[bytes, str, str]] = {
    "png": (WHOLE["PNG"], "png", "image/png"),
    "jpeg": (WHOLE["JPEG"], "jpg", "image/jpeg"),
    "webp": (WHOLE["WEBP"], "webp", "image/webp"),
    "gif": (WHOLE["GIF"], "gif", "image/gif"),
    "avif": (image("AVIF"), "avif", "image/avif"),
    "tiff": (image("TIFF"), "tif", "image/tiff"),
    "jpeg 2000": (image("JPEG2000"), "jp2", "image/jp2"),
    "bmp": (image("BMP"), "bmp", "image/bmp"),
    "a phone's jpeg": (several("MPO"), "jpg", "image/jpeg"),
    "animated png": (several("PNG"), "png", "image/png"),
    "animated webp": (several("WEBP"), "webp", "image/webp"),
}


def stored(path: str, content: bytes, media_type: str = "image/png") -> Stored:
    facts = ImageFacts(width=32, height=32, media_type=media_type)
    return Stored(number=0, path=path, sha256=sha256(content).hexdigest(), size=len(content), facts=facts)


@pytest.mark.parametrize(("content", "ending", "media_type"), COMES.values(), ids=COMES)
def test_an_image_is_stored_as_it_came_with_the_ending_of_what_it_is(
    disk: Disk, content: bytes, ending: str, media_type: str
) -> None:
    path = f"hero/a-0.{ending}"
    assert disk.bring(content) == stored(path, content, media_type)
    assert (disk.outputs / path).read_bytes() == content
    assert not disk.part.exists()


def test_what_may_be_replaced_is_while_it_is_unchanged(disk: Disk) -> None:
    target = disk.outputs / "hero" / "a-0.png"
    target.parent.mkdir()
    target.write_bytes(b"of a lost state")
    replaceable = {"hero/a-0.png": sha256(b"of a lost state").hexdigest()}
    assert isinstance(disk.bring(PNG, replaceable={"hero/a-1.png": replaceable["hero/a-0.png"]}), Displaced)
    assert isinstance(disk.bring(PNG, replaceable=replaceable), Stored)
    assert (target.read_bytes(), disk.part.exists()) == (PNG, False)
    target.write_bytes(b"somebody's")
    assert isinstance(disk.bring(PNG, replaceable=replaceable), Displaced)
    assert target.read_bytes() == b"somebody's"


def test_the_smallest_image_there_is_is_one(disk: Disk) -> None:
    dot = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
    assert len(dot) < 64
    assert isinstance(disk.bring(dot), Stored)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>504 Gateway Time-out</html>",
        b'{"code": 404}',
        PNG[: len(PNG) // 2],
        PNG[:40],
        PNG[:-12],
        WHOLE["JPEG"][: len(WHOLE["JPEG"]) // 2],
        WHOLE["WEBP"][:-200],
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        PNG.replace(b"IDAT", b"IDOT"),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)) + PNG[33:],
        PNG[:200] + b"mjpipe" * 9 + PNG[254:],
    ],
    ids=[
        "nothing",
        "html",
        "json",
        "half png",
        "png head",
        "png without its end",
        "half jpeg",
        "cut webp",
        "postscript",
        "no pixels",
        "more pixels than anybody asked for",
        "foreign pixels",
    ],
)
def test_what_is_not_a_whole_image_takes_no_place(disk: Disk, content: bytes) -> None:
    with pytest.raises(BrokenImage):
        disk.bring(content)
    assert disk.files() == {}


def test_what_could_start_other_programs_is_not_even_opened(disk: Disk) -> None:
    with pytest.raises(BrokenImage, match="not an image of a known format"):
        disk.bring(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n")


@given(
    name=st.sampled_from(sorted(WHOLE)),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    large=st.booleans(),
)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_damage_of_any_kind_is_a_broken_image_or_still_one(
    tmp_path: Path, name: str, cut: float, flips: list[tuple[float, int]], *, large: bool
) -> None:
    content = bytearray(WHOLE[name])
    for where, value in flips:
        content[int(where * len(content))] = value
    damaged = bytes(content[: int(cut * len(content))])
    part = tmp_path / "1-0.part"
    fetched = brought(damaged, part, large=large)
    try:
        placed = place(part, fetched, tmp_path / "out", f"{fetched.sha256}.{EXTENSION}", number=0, waiting=tmp_path)
    except BrokenImage as fault:
        assert str(fault)  # noqa: PT017 - either end is right, and this one has words
    else:
        assert isinstance(placed, Stored)


def test_a_file_with_the_same_content_is_taken_for_ours(disk: Disk) -> None:
    first = disk.bring(PNG)
    assert disk.bring(PNG) == first
    assert disk.files() == {"hero/a-0.png": PNG}
    assert not disk.held.exists()


def in_the_way(write: Callable[[Path], object]) -> Callable[[Disk], None]:
    def prepare(disk: Disk) -> None:
        (disk.outputs / "hero").mkdir()
        write(disk.outputs / "hero" / "a-0.png")

    return prepare


TAKEN: dict[str, Callable[[Disk], object]] = {
    "another picture": in_the_way(lambda path: path.write_bytes(image(colour="red"))),
    "an empty file": in_the_way(lambda path: path.write_bytes(b"")),
    "a folder": in_the_way(lambda path: path.mkdir()),
    "a link to nowhere": in_the_way(lambda path: path.symlink_to("nowhere")),
    "a file where the folder should be": lambda disk: (disk.outputs / "hero").write_bytes(b"mine"),
}


@pytest.mark.parametrize("prepare", TAKEN.values(), ids=TAKEN)
def test_a_place_that_is_taken_is_left_as_it_is_and_the_image_waits(
    disk: Disk, prepare: Callable[[Disk], object]
) -> None:
    prepare(disk)
    before = disk.inodes()
    held = disk.bring(PNG)
    assert isinstance(held, Displaced)
    assert (held.wanted, held.path.parent, held.path.read_bytes()) == ("hero/a-0.png", disk.held, PNG)
    assert disk.inodes() == before
    assert disk.bring(PNG) == held


SHARED_MEMORY = Path("/dev/shm")


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="needs a second file system")
def test_an_image_can_wait_on_another_file_system(disk: Disk, tmp_path_factory: pytest.TempPathFactory) -> None:
    disk.held = SHARED_MEMORY / tmp_path_factory.mktemp("held").name / str(os.getpid())
    TAKEN["another picture"](disk)
    held = disk.bring(PNG)
    assert isinstance(held, Displaced)
    assert held.path.read_bytes() == PNG
    held.path.unlink()
    disk.held.rmdir()
    disk.held.parent.rmdir()


@pytest.fixture
def linked(disk: Disk) -> Iterator[Path]:
    """A folder on another file system, to which a link leads from the outputs."""
    if not SHARED_MEMORY.is_dir() or SHARED_MEMORY.stat().st_dev == disk.outputs.stat().st_dev:
        pytest.skip("needs a second file system")
    with TemporaryDirectory(dir=SHARED_MEMORY) as there:
        (disk.outputs / "hero").symlink_to(there)
        yield Path(there)


def test_a_folder_of_the_outputs_may_lie_on_another_file_system(disk: Disk, linked: Path) -> None:
    brought_there = disk.bring(PNG)
    assert brought_there == stored("hero/a-0.png", PNG)
    assert [(file.name, file.read_bytes()) for file in linked.iterdir()] == [("a-0.png", PNG)]
    assert not disk.part.exists()
    assert disk.bring(PNG) == brought_there


def test_a_file_of_somebody_else_is_left_alone_there_too(disk: Disk, linked: Path) -> None:
    (linked / "a-0.png").write_bytes(b"mine")
    assert isinstance(disk.bring(PNG), Displaced)
    assert [(file.name, file.read_bytes()) for file in linked.iterdir()] == [("a-0.png", b"mine")]


@pytest.mark.parametrize("name", ["x" * 300, "\ud800"], ids=["too long", "no character"])
def test_an_image_with_a_name_that_the_file_system_refuses_waits(disk: Disk, name: str) -> None:
    held = disk.bring(PNG, f"{name}.{EXTENSION}")
    assert isinstance(held, Displaced)
    assert (held.taken, held.path.read_bytes()) == (False, PNG)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_disk_that_is_full_is_a_fault_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(StateFault, match="no space left on device"):
        place(
            Path("/dev/full"),
            Fetched(size=len(PNG), sha256=sha256(PNG).hexdigest(), content=PNG),
            tmp_path,
            f"a.{EXTENSION}",
            number=0,
            waiting=tmp_path,
        )


@pytest.mark.parametrize(
    ("paths", "number", "path"),
    [
        (("a-0.E", "a-1.E"), 1, "a-1.E"),
        (("a-0.E", "a-1.E"), 2, "a-1-extra2.E"),
        (("v1.0/a",), 1, "v1.0/a-extra1"),
        (("v1.0/a.E",), 3, "v1.0/a-extra3.E"),
        (("a",), 1, "a-extra1"),
    ],
)
def test_an_image_beyond_the_planned_ones_stands_beside_the_last(
    paths: tuple[str, ...], number: int, path: str
) -> None:
    assert planned_path(paths, number) == path
