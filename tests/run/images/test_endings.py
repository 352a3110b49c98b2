"""The endings of images' files."""

from mjpipe.domain import IMAGE_ENDINGS
from mjpipe.run.images.whole_images import ENDINGS


def test_the_endings_that_a_plan_knows_are_those_that_files_get() -> None:
    assert {*ENDINGS.values()} == IMAGE_ENDINGS
