"""People over the API: who is there, and no address that a message could be sent to."""

import pytest

from andon.core import clock
from andon.people.models import ContactMethod, Person
from tests.support import factories as make

URL = "/api/v1/people"
TOPIC = "https://ntfy.invalid/PLANTEDtopic"


@pytest.fixture
def team(ann):
    ContactMethod.objects.create(person=ann, kind="ntfy", address=TOPIC, position=1, fault="404")
    return make.team("fruit", title="Fruit", members=[ann, make.person("ben", name="Ben Osei")])


def slugs(answer):
    return [one["slug"] for one in answer.json()["items"]]


def test_people_are_listed_with_their_teams_and_masked_addresses(api, team):
    assert slugs(api.get(URL)) == ["ann", "ben"]
    found = api.get(f"{URL}/ANN").json()
    assert found == {
        "slug": "ann",
        "name": "Ann",
        "timezone": "Europe/London",
        "teams": [{"slug": "fruit", "title": "Fruit"}],
        "reach": [
            {"kind": "email", "address": "a...@example.org", "works": True},
            {"kind": "ntfy", "address": "https://ntfy.invalid/...", "works": False},
        ],
    }
    assert api.get(URL).json()["items"][0] == found


def test_no_key_reads_an_address_not_even_their_own(api, staff, team):
    for client in (api, staff):
        for path in (URL, f"{URL}/ann"):
            body = client.get(path).content.decode()
            assert "PLANTEDtopic" not in body
            assert "ann@example.org" not in body


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=osei", ["ben"]),
        ("search=en+BEN", ["ben"]),
        ("search=nobody", []),
        ("team=fruit", ["ann", "ben"]),
        ("team=FRUIT&search=ann", ["ann"]),
        ("team=none", []),
        ("limit=1", ["ann"]),
        ("after=ann", ["ben"]),
    ],
)
def test_people_are_found_by_name_and_team(api, team, query, found):
    assert slugs(api.get(f"{URL}?{query}")) == found


def test_the_list_goes_on(api, team):
    assert api.get(f"{URL}?limit=1").json()["next"] == "ann"
    assert api.get(f"{URL}?after=ann").json()["next"] is None


def test_whoever_has_left_is_not_there(api, team):
    Person.objects.filter(slug="ben").update(is_active=False, retired_at=clock.now())
    assert slugs(api.get(URL)) == ["ann"]
    assert api.get(f"{URL}/ben").status_code == 404


@pytest.mark.parametrize("count", [3, 60])
def test_the_list_of_people_asks_a_constant_number_of_questions(
    api, count, django_assert_max_num_queries
):
    make.team(members=[make.person() for _ in range(count)])
    api.get(URL)
    with django_assert_max_num_queries(5):
        assert len(slugs(api.get(f"{URL}?limit=200"))) == count + 1
