import gc
from collections.abc import Iterator

import click
import pytest

from mjpipe.cli.main import program
from mjpipe.cli.process.garbage_collection import (
    end_garbage_collection,
    pause_garbage_collection,
    resume_garbage_collection,
)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_loading_is_not_searched_for_garbage_and_what_comes_after_it_is() -> None:
    pause_garbage_collection()
    assert not gc.isenabled()
    resume_garbage_collection()
    assert gc.isenabled()
    assert gc.get_freeze_count()


def test_a_command_that_is_loaded_resumes_the_collection() -> None:
    pause_garbage_collection()
    program.get_command(click.Context(program), "plan")
    assert gc.isenabled()


def test_a_collection_that_was_not_paused_goes_on_as_before() -> None:
    before = gc.get_freeze_count()
    resume_garbage_collection()
    assert gc.isenabled()
    assert gc.get_freeze_count() == before


def test_nothing_is_left_to_search_when_the_process_ends() -> None:
    end_garbage_collection()
    assert len(gc.get_objects()) < gc.get_freeze_count()
