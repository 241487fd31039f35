"""Reads of the catalogue and of people: values, in a number of queries that does not grow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.catalogue import actions, models, queries
from andon.catalogue.rules import default_organisation
from andon.people import actions as people
from andon.people import queries as people_queries
from andon.people.models import ApiKey, ContactMethod, Person, Team

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def fruits() -> None:
    actions.apply_folder(path=EXAMPLE, by="test", now=NOW)


def test_before_anything_is_applied_there_is_a_default_organisation():
    assert queries.organisation() == default_organisation()


def test_the_organisation_is_what_the_file_says(fruits):
    found = queries.organisation()
    assert (found.slug, found.currency, found.preset) == ("fruits-r-us", "GBP", "fruits-r-us")
    assert [one.name for one in found.severities] == ["SEV1", "SEV2", "SEV3"]
    assert found.catch_all_rota == "incident-managers"
    assert found.fallback[0].address == "d...@fruits.example"
    whole = queries.organisation(whole=True)
    assert whole.fallback[0].address == "duty-manager@fruits.example"
    assert found.pay is not None
    assert found.pay.standby_per_week.exact == "GBP 700.00"


def count(work) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_queries_do_not_grow_with_services_or_people(fruits):
    ids = list(models.Service.objects.values_list("pk", flat=True))
    teams = list(Team.objects.values_list("pk", flat=True))
    slugs = list(Person.objects.values_list("slug", flat=True))
    for work in (
        lambda n: queries.load_services(ids=ids[:n]),
        lambda n: queries.find_service_ids(refs=[f"stock-{i}" for i in range(1, n + 1)]),
        lambda n: queries.list_services(at=NOW, limit=n),
        lambda n: people_queries.members(team_ids=teams[:n]),
        lambda n: people_queries.contacts(slugs=slugs[:n]),
        lambda n: queries.list_teams(limit=n),
        lambda n: queries.list_domains(limit=n),
    ):
        one, many = count(lambda work=work: work(1)), count(lambda work=work: work(4))
        assert one == many <= 4


def test_a_loaded_service_has_its_owner_hours_targets_and_money(fruits):
    pk = models.Service.objects.get(slug="checkout").pk
    service = queries.load_services(ids=[pk])[pk]
    assert (service.owner.slug, service.domain) == ("checkout", "shopping")
    assert service.exposure_per_hour.exact == "GBP 200,000.00"
    assert [one.target_ppm for one in service.targets] == [999_000]
    assert service.working_hours.timezone == "Europe/London"
    assert service.high_demand


def test_a_teams_own_working_hours_win(fruits):
    Team.objects.filter(slug="checkout").update(working_hours={"days": ["sat"], "ends": "12:30"})
    service = queries.find_service(slug="checkout")
    assert service is not None
    assert service.working_hours.days == frozenset({5})
    assert f"{service.working_hours.ends:%H:%M}" == "12:30"
    assert f"{service.working_hours.starts:%H:%M}" == "09:00"


def test_services_are_listed_page_by_page_and_searched_by_words(fruits):
    first = queries.list_services(at=NOW, limit=4)
    rest = queries.list_services(at=NOW, after=first[-1].slug)
    assert [one.slug for one in (*first, *rest)] == sorted(
        models.Service.objects.values_list("slug", flat=True)
    )
    assert [one.slug for one in queries.list_services(at=NOW, search="stock lev")] == ["stock-1"]
    assert len(queries.list_services(at=NOW, domain="fulfilment")) == 4
    assert [one.target_ppm for one in queries.list_services(at=NOW, team="checkout")] == [999_000]


def test_teams_and_domains_count_what_they_hold(fruits):
    teams = {one.slug: (one.services, one.members) for one in queries.list_teams()}
    assert teams["checkout"] == (1, 6)
    assert teams["incident-managers"] == (0, 6)
    domains = {one.slug: one.services for one in queries.list_domains()}
    assert domains == {"fulfilment": 4, "shopping": 2, "stock": 4}


def test_addresses_that_were_refused_and_people_who_left_are_not_used(fruits):
    ContactMethod.objects.filter(person__slug="ann").update(fault="mailbox unknown")
    Person.objects.filter(slug="ben").update(is_active=False)
    found = people_queries.contacts(slugs=["ann", "ben", "cara", "nobody"])
    assert {slug: len(one.contacts) for slug, one in found.items()} == {"ann": 0, "cara": 1}
    team = Team.objects.get(slug="checkout").pk
    members = people_queries.members(team_ids=[team])[team]
    assert [one.slug for one in members] == ["ann", "cara", "dev", "ellie", "farid"]


class TestApiKeys:
    def test_a_key_is_shown_once_and_found_by_its_text(self, fruits):
        ann = Person.objects.get(slug="ann")
        secret = people.create_api_key(name="script", person="ann", now=NOW)
        assert secret.plain.startswith("andon_key_")
        assert not ApiKey.objects.filter(digest=secret.plain).exists()
        key = people.authenticate_api_key(plain=secret.plain, now=NOW)
        assert key is not None
        assert key.person is not None
        assert (key.person.id, key.person.slug) == (ann.pk, "ann")
        assert people.authenticate_api_key(plain=secret.plain + "x", now=NOW) is None

    def test_use_is_noted_at_most_once_a_minute(self, fruits):
        secret = people.create_api_key(name="script", person=None, now=NOW)
        for seconds, noted in ((0, 0), (59, 0), (60, 60)):
            key = people.authenticate_api_key(
                plain=secret.plain, now=NOW + timedelta(seconds=seconds)
            )
            assert key is not None
            assert ApiKey.objects.get().last_used_at == NOW + timedelta(seconds=noted)

    def test_a_revoked_key_and_a_key_of_somebody_who_left_open_nothing(self, fruits):
        ann = Person.objects.get(slug="ann")
        first = people.create_api_key(name="one", person="ann", now=NOW)
        second = people.create_api_key(name="two", person="ann", now=NOW)
        row = ApiKey.objects.get(digest=first.digest)
        assert people.revoke_api_key(key_id=row.pk, by="ann", now=NOW)
        assert not people.revoke_api_key(key_id=row.pk, by="ann", now=NOW)
        assert people.authenticate_api_key(plain=first.plain, now=NOW) is None
        Person.objects.filter(slug="ann").update(is_active=False)
        assert people.authenticate_api_key(plain=second.plain, now=NOW) is None
        ann.refresh_from_db()
        with pytest.raises(people.UnableToMakeKey):
            people.create_api_key(name="three", person="ann", now=NOW)


class TestPeopleMadeByHand:
    def test_a_weak_password_is_refused(self):
        with pytest.raises(people.UnableToCreatePerson.__base__):
            people.create_person(slug="a", name="A", now=NOW, by="test", password="password1234")
        assert not Person.objects.exists()

    def test_a_name_is_given_once(self):
        people.create_person(slug="a", name="A", now=NOW, by="test", email="a@fruits.example")
        with pytest.raises(people.UnableToCreatePerson):
            people.create_person(slug="a", name="B", now=NOW, by="test")
        person = people_queries.find_person(slug="a")
        assert person is not None
        assert person.contacts[0].address == "a@fruits.example"

    def test_a_password_can_be_set_and_taken_away(self):
        people.create_person(slug="a", name="A", now=NOW, by="test")
        people.set_password(slug="a", password="correct horse battery", by="test", now=NOW)
        assert Person.objects.get(slug="a").check_password("correct horse battery")
        people.set_password(slug="a", password=None, by="test", now=NOW)
        assert not Person.objects.get(slug="a").has_usable_password()
        with pytest.raises(people.UnableToSetPassword):
            people.set_password(slug="b", password=None, by="test", now=NOW)
