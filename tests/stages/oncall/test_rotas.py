"""Rotas read from the database: versions, overrides, people who left, and the cost in queries."""

from datetime import UTC, date, datetime, timedelta

import pytest

from andon.catalogue import models as catalogue
from andon.catalogue.types import EscalationTarget
from andon.core import clock
from andon.core.models import AuditEntry
from andon.core.periods import Period
from andon.oncall import actions, queries, rules
from andon.oncall.models import Override
from andon.people.models import Person
from tests.support import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
#: The people of a rota in turn; on 18 November 2026 it is `cat` (44 whole weeks after ann's first).
WEEK = Period(datetime(2026, 11, 16, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC))


def document(people="ann ben cat", **more):
    return {
        "timezone": "Europe/London",
        "rotation": {
            "unit": "week",
            "every": 1,
            "handover": "09:00",
            "starts_on": "2026-01-12",
            "participants": people.split(),
        },
    } | more


def make_rota(slug="checkout", *, people="ann ben cat", since=NOW - 90 * DAY, **fields):
    row = catalogue.Rota.objects.create(slug=slug, title=slug.title(), **fields)
    catalogue.RotaVersion.objects.create(rota=row, document=document(people), starts_at=since)
    return row


@pytest.fixture(autouse=True)
def people():
    return {slug: factories.person(slug) for slug in ("ann", "ben", "cat", "dan")}


def load(slug="checkout", period=WEEK):
    return queries.load_rotas(period=period, slugs=[slug])[slug]


def on_call(slug="checkout", at=NOW):
    shift = rules.who(rota=load(slug, Period(at, at)), at=at)
    return shift.person if shift else None


def add(**given):
    asked = {
        "rota": "checkout",
        "person": "dan",
        "starts_at": NOW + DAY,
        "ends_at": NOW + 2 * DAY,
        "reason": "Cat is at a wedding",
        "by": "ann",
        "now": NOW,
    }
    return actions.add_override(**(asked | given))


def test_a_rota_is_read_whole():
    escalation = {"steps": [{"target": "next-on-call", "wait_minutes": 7.5}], "repeats": 2}
    team = factories.team("checkout")
    row = make_rota(team=team, covers="out-of-hours")
    row.versions.update(document=document(escalation=escalation))
    rota = load()
    assert (rota.team, rota.domain, rota.covers, rota.slug) == (
        "checkout",
        None,
        "out-of-hours",
        "checkout",
    )
    assert rota.versions[0].rotation.starts_on == date(2026, 1, 12)
    assert rota.escalation.repeats == 2
    (step,) = rota.escalation.steps
    assert (step.target, step.wait) == (EscalationTarget.NEXT_ON_CALL, timedelta(minutes=7.5))
    assert rules.turns(rota=rota, period=WEEK)[0].period == WEEK
    assert (on_call(), on_call(at=NOW + DAY / 3)) == (None, "cat")


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    for number in range(3):
        make_rota(f"few-{number}")
    with django_assert_num_queries(5):
        queries.load_rotas(period=WEEK)
    for number in range(40):
        make_rota(f"many-{number}")
        add(rota=f"many-{number}")
    with django_assert_num_queries(5):
        assert len(queries.load_rotas(period=WEEK)) == 43
    with django_assert_num_queries(5):
        assert len(queries.on_call_now(at=NOW)) == 43
    with django_assert_num_queries(0):
        assert queries.load_rotas(period=WEEK, slugs=[]) == {}


def test_a_change_of_the_rota_leaves_the_past_as_worked():
    row = make_rota()
    row.versions.update(ends_at=NOW)
    catalogue.RotaVersion.objects.create(rota=row, document=document("dan"), starts_at=NOW)
    assert (on_call(at=NOW - DAY), on_call(at=NOW)) == ("cat", "dan")


def test_a_retired_rota_answers_no_more_but_is_remembered():
    row = make_rota()
    catalogue.Rota.objects.filter(pk=row.pk).update(retired_at=NOW)
    assert (on_call(at=NOW - DAY), on_call(at=NOW)) == ("cat", None)
    assert queries.on_call_now(at=NOW) == []
    assert queries.load_rotas(period=Period(NOW + 100 * DAY, NOW + 101 * DAY)) == {}


def test_retired_and_unknown_people_yield_their_turns(people):
    make_rota(people="ann ben zoe")
    shift = rules.who(rota=load(), at=NOW)
    assert (shift.person, shift.instead_of) == ("ann", "zoe")
    people["ann"].retired_at = NOW
    people["ann"].is_active = False
    people["ann"].save()
    assert (on_call(at=NOW - DAY), on_call(at=NOW)) == ("ann", "ben")


def test_one_unreadable_document_never_stops_the_other_rotas(caplog):
    make_rota("good")
    broken = make_rota("broken")
    for bad in (
        {},
        {"timezone": "Mars/Olympus", "rotation": document()["rotation"]},
        {"rotation": 3},
    ):
        broken.versions.update(document=bad)
        found = queries.on_call_now(at=NOW)
        assert [(one.rota.slug, one.shift.person) for one in found] == [("good", "cat")]
    assert "rota broken has an unreadable version" in caplog.text


def test_on_call_now_names_who_until_when_and_who_is_next():
    make_rota()
    (found,) = queries.on_call_now(at=NOW)
    assert (found.shift.person, found.following.person) == ("cat", "ann")
    assert found.shift.period.ends_at == found.following.period.starts_at == WEEK.ends_at
    assert found.answers
    assert found.reason == "it is asked at all hours"


def test_an_override_takes_over_and_is_written_down():
    make_rota()
    made = add(replaces="cat")
    assert [on_call(at=NOW + h * DAY) for h in (0.9, 1, 1.9, 2)] == ["cat", "dan", "dan", "cat"]
    entry = AuditEntry.objects.get(subject="rota:checkout")
    assert (entry.actor, entry.verb, entry.data["override"]) == ("ann", "add override", made.id)


def test_r17_override_applies_only_where_made_in_the_database():
    make_rota()
    make_rota("stock")
    add()
    assert (on_call(at=NOW + DAY), on_call("stock", at=NOW + DAY)) == ("dan", "cat")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"rota": "nobody"}, "rota"),
        ({"person": "zoe"}, "person"),
        ({"replaces": "zoe"}, "person"),
        ({"replaces": "dan"}, "replaces"),
        ({"replaces": "ann"}, "no-effect"),
        ({"person": "cat"}, "no-effect"),
        ({"starts_at": NOW - timedelta(minutes=6)}, "past"),
        ({"ends_at": NOW + DAY}, "end"),
        ({"starts_at": NOW - timedelta(minutes=2), "ends_at": NOW}, "end"),
        ({"ends_at": NOW + timedelta(weeks=27)}, "length"),
    ],
)
def test_an_override_is_refused_with_its_problem(given, problem):
    make_rota()
    with pytest.raises(actions.UnableToOverride) as refused:
        add(**given)
    assert refused.value.data["problem"] == problem
    assert not Override.objects.exists()
    assert not AuditEntry.objects.exists()


def test_the_same_person_cannot_take_the_same_time_twice():
    make_rota()
    first = add()
    with pytest.raises(actions.UnableToOverride) as refused:
        add(starts_at=first.period.ends_at - timedelta(hours=1), ends_at=first.period.ends_at + DAY)
    assert refused.value.data == {"problem": "overlap", "override": first.id}
    add(starts_at=first.period.ends_at, ends_at=first.period.ends_at + DAY)
    add(person="ben")
    assert on_call(at=NOW + DAY) == "ben"


def test_an_override_that_begins_a_moment_ago_begins_now():
    make_rota()
    assert add(starts_at=NOW - timedelta(minutes=2)).period.starts_at == NOW


def test_a_cancelled_override_gives_the_rota_back_from_then_on():
    make_rota()
    made = add()
    halfway = NOW + 1.5 * DAY
    actions.cancel_override(override=made.id, by="ben", now=halfway)
    assert [on_call(at=at) for at in (NOW + DAY, halfway, NOW + 1.9 * DAY)] == ["dan", "cat", "cat"]
    with pytest.raises(actions.UnableToOverride, match="cancelled already"):
        actions.cancel_override(override=made.id, by="ben", now=halfway)


def test_an_override_cancelled_before_it_begins_never_was():
    make_rota()
    actions.cancel_override(override=add().id, by="ben", now=NOW)
    assert on_call(at=NOW + DAY) == "cat"
    assert load().overrides == ()
    add()


def test_what_is_over_or_unknown_cannot_be_cancelled():
    make_rota()
    made = add()
    with pytest.raises(actions.UnableToOverride, match="is over"):
        actions.cancel_override(override=made.id, by="ben", now=made.period.ends_at)
    with pytest.raises(actions.UnableToOverride, match="no such"):
        actions.cancel_override(override=made.id + 1, by="ben", now=NOW)


def test_the_rotas_of_teams_and_domains_can_be_asked_for() -> None:
    shop = factories.team("shop")
    fruit = catalogue.Domain.objects.create(slug="fruit", title="Fruit", kind="product")
    make_rota("own", team=shop)
    make_rota("shared", domain=fruit)
    make_rota("named")
    make_rota("other", team=factories.team("other"))
    found = queries.load_rotas(period=WEEK, slugs={"named"}, teams={"shop"}, domains={"fruit"})
    assert found.keys() == {"own", "shared", "named"}
    assert queries.load_rotas(period=WEEK, slugs=(), teams={"shop"}).keys() == {"own"}
    assert queries.load_rotas(period=WEEK, slugs=(), domains={"fruit"}).keys() == {"shared"}


def test_one_person_may_take_the_shifts_of_two_others_at_the_same_time():
    """Several overrides run at once, and each takes only the shifts it names."""
    make_rota()
    both = {"starts_at": NOW, "ends_at": NOW + 20 * DAY}
    add(replaces="cat", **both)
    add(replaces="ann", **both)
    found = [on_call(at=NOW + days * DAY) for days in (0, 6, 13)]
    assert found == ["dan", "dan", "ben"]
    for replaces in ("cat", None):
        with pytest.raises(actions.UnableToOverride) as refused:
            add(replaces=replaces, **both)
        assert refused.value.data["problem"] == "overlap"


def test_an_account_switched_off_by_hand_leaves_the_past_as_it_was_served(people, client):
    """Pay of the month depends on it: who was on call until then stays who was."""
    make_rota()
    root = factories.person("root", staff=True)
    Person.objects.filter(pk=root.pk).update(is_superuser=True)
    root.refresh_from_db()
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    cat = people["cat"]
    address = f"/admin/people/person/{cat.pk}/change/"
    form = client.get(address).context["adminform"].form
    given = {name: value for name, value in form.initial.items() if value not in (None, [], False)}
    inline = {
        "contact_methods-TOTAL_FORMS": "0",
        "contact_methods-INITIAL_FORMS": "0",
    }
    del given["is_active"]
    answer = client.post(address, {**given, **inline})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    cat.refresh_from_db()
    assert not cat.is_active
    off = cat.inactive_at
    Person.objects.filter(pk=cat.pk).update(inactive_at=NOW)
    assert abs(off - clock.now()) < timedelta(minutes=5)
    assert [on_call(at=at) for at in (NOW - timedelta(seconds=1), NOW)] == ["cat", "ann"]
