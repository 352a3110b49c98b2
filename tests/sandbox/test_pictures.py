import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from mjpipe.contract import RATIOS
from tests.sandbox.door import Door, sandbox

TEAPOT = {"mode": "text-to-image", "prompt": "a brass teapot, studio photograph"}


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def pictures(door: Door, **request: object) -> list[Image.Image]:
    return [opened(content) for content in door.images(door.accepted(**request))]


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far apart two pictures are on average, from 0 to 255."""
    return float(sum(ImageStat.Stat(ImageChops.difference(one, other.resize(one.size))).mean) / 3)


def detail(image: Image.Image) -> float:
    edges = image.convert("L").filter(ImageFilter.FIND_EDGES).crop((2, 2, image.width - 2, image.height * 3 // 4))
    return float(ImageStat.Stat(edges).var[0])


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_picture_has_exactly_the_ratio_that_was_asked_for(door: Door, ratio: str) -> None:
    image = opened(door.images(door.accepted(**TEAPOT, aspect_ratio=ratio))[0])
    width, height = (int(part) for part in ratio.split(":"))
    assert image.width * height == image.height * width
    assert 500 <= max(image.size) <= 512
    assert (image.format, image.mode) == ("PNG", "RGB")


def test_pictures_are_as_small_as_somebody_wants_them(tmp_path: Path) -> None:
    with sandbox(tmp_path, pixels=64) as door:
        source = door.made(**TEAPOT, aspect_ratio="2:1")
        upscaled = door.accepted(mode="upscale", taskId=source, imageIndex=0, type=0)
        four, (large,) = door.images(source), door.images(upscaled)
    assert [opened(image).size for image in (*four, large)] == [*[(64, 32)] * 4, (128, 64)]
    assert len({*four}) == 4


def test_the_four_pictures_of_a_task_are_four_compositions(door: Door) -> None:
    images = pictures(door, **TEAPOT)
    assert len(images) == 4
    for index, image in enumerate(images):
        for other in images[index + 1 :]:
            assert difference(image, other) > 8


def test_pictures_hang_on_the_request_alone(tmp_path: Path) -> None:
    with sandbox(tmp_path / "one") as door:
        source = door.made(**TEAPOT)
        first = door.images(source), door.images(door.accepted(mode="vary", taskId=source, imageIndex=3, type=1))
    with sandbox(tmp_path / "two", speed_up=10) as door:
        door.made(mode="text-to-image", prompt="something else")
        source = door.made(**TEAPOT)
        # In another order, and with an id of its own.
        later = [
            door.get(url).content
            for url in reversed(door.urls(door.accepted(mode="vary", taskId=source, imageIndex=3, type=1)))
        ]
        second = door.images(source), later[::-1]
    assert first == second


def test_words_give_the_colours(door: Door) -> None:
    def middle(prompt: str) -> tuple[float, ...]:
        image = pictures(door, mode="text-to-image", prompt=prompt)[1]
        # The thing of the close-up.
        return tuple(ImageStat.Stat(image.crop((200, 230, 320, 330))).mean)

    red, green, blue = middle("a red teapot")
    assert red > green + 30
    assert red > blue + 30
    red, green, blue = middle("a cobalt teapot")
    assert blue > red + 30
    assert blue > green + 30


def test_words_give_the_things(door: Door) -> None:
    teapot = pictures(door, mode="text-to-image", prompt="a white teapot, studio")
    lamp = pictures(door, mode="text-to-image", prompt="a white lamp, studio")
    assert min(difference(one, other) for one, other in zip(teapot, lamp, strict=True)) > 4


def test_a_picture_says_where_it_comes_from(door: Door) -> None:
    image = pictures(door, **TEAPOT)[0]
    assert image.text["Software"] == "mjpipe sandbox: drawn on this machine, by no model"  # type: ignore[attr-defined]  # a PNG has it


def test_flags_do_not_reach_the_picture(door: Door) -> None:
    one = pictures(door, mode="text-to-image", prompt="a brass teapot")
    two = pictures(door, mode="text-to-image", prompt="a brass teapot --red lamp --ar 16:9")
    # The seed is another, and with it the small accidents; size and words are the same.
    assert one[0].size == two[0].size == (512, 512)
    assert difference(one[1].crop((150, 150, 360, 360)), two[1].crop((150, 150, 360, 360))) < 60


def test_a_variation_is_near_its_source_and_differs_from_it(door: Door) -> None:
    source = door.made(**TEAPOT)
    original, other = (opened(content) for content in door.images(source)[:2])
    for index, image in enumerate(pictures(door, mode="vary", taskId=source, imageIndex=0, type=0)):
        assert 1.5 < difference(original, image) < difference(other, image), index
    subtle = pictures(door, mode="vary", taskId=source, imageIndex=0, type=0)
    strong = pictures(door, mode="vary", taskId=source, imageIndex=0, type=1)
    assert difference(original, strong[0]) > difference(original, subtle[0])


def test_an_upscaled_picture_is_larger_and_shows_the_same(door: Door) -> None:
    source = door.made(**TEAPOT, aspect_ratio="16:9")
    original = opened(door.images(source)[2])
    (image,) = pictures(door, mode="upscale", taskId=source, imageIndex=2, type=0)
    assert image.size == (1024, 576)
    blurred = (
        original.filter(ImageFilter.GaussianBlur(2)),
        image.resize(original.size).filter(ImageFilter.GaussianBlur(2)),
    )
    assert difference(*blurred) < 2
    assert detail(image.resize((2048, 1152))) > detail(original.resize((2048, 1152)))


def test_a_reroll_shows_the_same_in_another_way(door: Door) -> None:
    source = door.made(**TEAPOT, aspect_ratio="2:3")
    one, two = pictures(door, mode="reroll", taskId=source), [opened(content) for content in door.images(source)]
    assert [image.size for image in one] == [image.size for image in two] == [(340, 510)] * 4
    assert min(difference(*pair) for pair in zip(one, two, strict=True)) > 1


def test_enhance_sharpens_a_coarse_draft(door: Door) -> None:
    source = door.made(**TEAPOT, speed="draft", version="7")
    draft = opened(door.images(source)[3])
    (image,) = pictures(door, mode="enhance", taskId=source, imageIndex=3)
    assert image.size == draft.size == (512, 512)
    assert detail(image) > 2 * detail(draft)
    assert difference(draft, image) < 8


def edit(door: Door, source: str, **more: object) -> list[Image.Image]:
    return pictures(door, mode="image-edit", prompt="a red mug", image_urls=[door.urls(source)[0]], **more)


def test_an_edit_changes_the_masked_region_only(door: Door) -> None:
    source = door.made(**TEAPOT)
    original = opened(door.images(source)[0])
    area = {"width": 1024, "height": 1024, "points": [512, 256, 1024, 256, 1024, 768, 512, 768]}
    for image in edit(
        door,
        source,
        mask={"areas": [area]},
        canvas={"width": 1024, "height": 1024},
        imgPos={"width": 1024, "height": 1024, "x": 0, "y": 0},
    ):
        changed = ImageChops.difference(original, image).convert("L").point(lambda value: 255 if value else 0).getbbox()
        assert changed is not None
        assert changed >= (255, 127, 0, 0)
        assert changed[0] >= 255
        assert changed[1] >= 127
        assert changed[3] <= 386
        inside = difference(original.crop((256, 128, 512, 384)), image.crop((256, 128, 512, 384)))
        assert inside > 8


def test_an_edit_without_a_mask_changes_the_whole_picture(door: Door) -> None:
    source = door.made(**TEAPOT, aspect_ratio="3:2")
    original = opened(door.images(source)[0])
    images = edit(door, source)
    assert [image.size for image in images] == [original.size] * 4
    assert difference(original, images[0]) > 8


def test_an_edit_on_a_wider_canvas_has_its_ratio_and_fills_what_the_image_leaves(door: Door) -> None:
    source = door.made(**TEAPOT)
    area = {"width": 2048, "height": 1024, "points": [1024, 0, 2048, 0, 2048, 1024, 1024, 1024]}
    image = edit(
        door,
        source,
        mask={"areas": [area]},
        canvas={"width": 2048, "height": 1024},
        imgPos={"width": 1024, "height": 1024, "x": 0, "y": 0},
    )[0]
    assert image.size == (512, 256)
    original = opened(door.images(source)[0]).resize((256, 256))
    assert difference(original, image.crop((0, 0, 256, 256))) < 6


@pytest.mark.parametrize("size", [1, 1e9])
def test_no_place_on_a_canvas_is_too_strange_to_be_drawn(door: Door, size: float) -> None:
    area = {"width": size, "height": 3, "points": [-1e12, 0, 1e12, 0, 5, 1e12]}
    place = {"width": 1e12, "height": 1, "x": -1e12, "y": 1e300}
    images = edit(door, door.made(**TEAPOT), mask={"areas": [area]}, canvas={"width": size, "height": 3}, imgPos=place)
    assert len(images) == 4


def test_an_edit_of_another_hosts_image_is_drawn_without_fetching_it(door: Door) -> None:
    images = pictures(door, mode="image-edit", prompt="a mug", image_urls=["https://example.com/cafe.jpg"])
    assert len(images) == 4


@pytest.fixture
def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (200, 30, 30)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def fetching(tmp_path: Path, photo: bytes) -> Iterator[Door]:
    def world(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        if request.url.path == "/broken.jpg":
            return httpx.Response(200, content=photo[:-300])
        if request.url.path == "/packed.jpg":
            return httpx.Response(200, content=gzip.compress(photo), headers={"Content-Encoding": "gzip"})
        if request.url.path == "/moved.jpg":
            return httpx.Response(302, headers={"Location": "https://example.com/cafe.jpg"})
        return httpx.Response(200 if request.url.path == "/cafe.jpg" else 404, content=photo)

    with sandbox(tmp_path, fetch_images=True, transport=httpx.MockTransport(world)) as door:
        yield door


@pytest.mark.parametrize("name", ["cafe", "moved"])
def test_an_image_of_another_host_is_edited_when_it_may_be_fetched(fetching: Door, name: str) -> None:
    area = {"width": 3, "height": 2, "points": [2, 0, 3, 0, 3, 2, 2, 2]}
    image = pictures(
        fetching,
        mode="image-edit",
        prompt="a blue mug",
        image_urls=[f"https://example.com/{name}.jpg"],
        mask={"areas": [area]},
    )[0]
    assert image.size == (512, 341)
    red, green, blue = ImageStat.Stat(image.crop((0, 0, 300, 300))).mean
    assert (round(red, -1), round(green, -1), round(blue, -1)) == (200, 30, 30)


@pytest.mark.parametrize("name", ["broken", "missing", "packed"])
def test_an_image_that_cannot_be_fetched_makes_the_task_fail(fetching: Door, name: str) -> None:
    urls = [f"https://example.com/{name}.jpg"]
    data = fetching.finished(fetching.accepted(mode="image-edit", prompt="a mug", image_urls=urls))
    assert (data["state"], data["failCode"]) == ("failed", "Upload error")


@pytest.mark.parametrize("prompt", ["茶壺 🍵", "\ud800 broken", "line\nbreak\x00", "x" * 2000, "¯\\_(ツ)_/¯"])
def test_any_prompt_can_be_drawn(door: Door, prompt: str) -> None:
    assert len(pictures(door, mode="text-to-image", prompt=prompt, aspect_ratio="1:2")) == 4
