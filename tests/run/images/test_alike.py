"""Pictures of the same content are each other's equal, and still two."""

import pytest

from mjpipe.domain import JobState
from tests.ledger.jobs import generation
from tests.run.campaign import Campaign, ends
from tests.run.service import Service, picture


@pytest.fixture
def alike(service: Service) -> Service:
    """Whatever is asked for, the same four pictures come."""
    service.on_image = lambda url, _times: picture(f"https://images.test/{url.partition('?')[0][-5:]}")
    return service


def test_pictures_that_look_alike_are_kept_under_each_of_their_names(campaign: Campaign, alike: Service) -> None:
    one, two = generation("a"), generation("b")
    campaign.run(one, two)
    assert len(campaign.files()) == 8
    campaign.run(one._replace(paths=two.paths), two._replace(paths=one.paths))
    assert (len(campaign.files()), campaign.files_are_as_recorded()) == (8, True)


def test_a_deleted_picture_is_fetched_again_although_its_equal_stands_where_it_shall_go(
    campaign: Campaign, alike: Service
) -> None:
    one, two = generation("a"), generation("b")
    campaign.run(one, two)
    (campaign.outputs / "hero" / "b-0.png").unlink()
    ending = campaign.run(one._replace(paths=two.paths), two._replace(paths=one.paths))
    assert ends(ending) == {JobState.DONE: 2}
    assert (len(campaign.files()), campaign.files_are_as_recorded()) == (8, True)


def test_the_same_when_its_equal_is_left_over_and_gives_way(campaign: Campaign, alike: Service) -> None:
    one, two = generation("a"), generation("b")
    campaign.run(one, two)
    (campaign.outputs / "hero" / "b-0.png").unlink()
    ending = campaign.run(two._replace(paths=one.paths))
    assert (ends(ending), len(campaign.files())) == ({JobState.DONE: 1}, 8)
    assert campaign.files_are_as_recorded()
