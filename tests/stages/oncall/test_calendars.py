"""Calendar feeds: what is read back from the document is what pages."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from andon.core.models import AuditEntry
from andon.core.periods import Period
from andon.oncall import actions, ical, queries, rules
from andon.oncall.models import CalendarFeed
from tests.stages.oncall.test_rotas import DAY, NOW, add, make_rota
from tests.support import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SHOWN = ical.window(NOW)


@pytest.fixture(autouse=True)
def people():
    return {
        slug: factories.person(
            slug, name=f"{slug.title()} Ørsted-Ångström, Dr; of the long name of names"
        )
        for slug in ("ann", "ben", "cat", "dan")
    }


def events(token, now=NOW):
    body, _ = queries.feed(token, now)
    return Calendar.from_ical(body).walk("VEVENT")


def by_uid(token, now=NOW):
    return {str(event["uid"]): event for event in events(token, now)}


def told(found):
    return [(e.decoded("dtstart"), e.decoded("dtend"), str(e["summary"]).split()[0]) for e in found]


def test_r18_the_calendar_of_a_rota_is_its_shifts():
    make_rota()
    add()
    token = actions.create_feed(rota="checkout", by="ann", now=NOW).plain
    rota = queries.load_rotas(period=SHOWN)["checkout"]
    expected = [
        (s.period.starts_at, s.period.ends_at, s.person.title())
        for s in rules.shifts(rota=rota, period=SHOWN)
    ]
    assert told(events(token)) == expected
    assert len(expected) > 25


def test_the_calendar_of_a_person_holds_their_shifts_on_every_rota():
    make_rota()
    make_rota("stock", people="dan ann")
    make_rota("other", people="ben cat")
    add(rota="stock", person="ann", starts_at=NOW + DAY, ends_at=NOW + 2 * DAY, replaces="dan")
    token = actions.create_feed(person="ann", by="ann", now=NOW).plain
    expected = sorted(
        (s.period.starts_at, s.period.ends_at, "Ann")
        for rota in queries.load_rotas(period=SHOWN).values()
        for s in rules.shifts(rota=rota, period=SHOWN)
        if s.person == "ann"
    )
    assert told(events(token)) == expected


def test_the_document_is_well_formed(people):
    make_rota()
    token = actions.create_feed(rota="checkout", by="ann", now=NOW).plain
    body, etag = queries.feed(token, NOW)
    assert (body, etag) == queries.feed(token, NOW)
    assert etag.startswith('"')
    assert body.startswith(b"BEGIN:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"METHOD:PUBLISH\r\n" in body
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in body
    assert b"RRULE" not in body
    assert b"example.org" not in body
    first = events(token)[0]
    assert str(first["summary"]) == f"{people['ann'].name} on call: Checkout"
    assert first["dtstart"].to_ical().endswith(b"Z")
    assert str(first["transp"]) == "TRANSPARENT"
    assert str(events(token)[-1]["summary"]).endswith("(continues)")


def test_an_override_changes_the_events_it_touches_and_keeps_the_other_identities():
    make_rota()
    token = actions.create_feed(rota="checkout", by="ann", now=NOW).plain
    before = by_uid(token)
    later = NOW + timedelta(minutes=10)
    made = add(now=later)
    after = by_uid(token)
    assert before.keys() <= after.keys()
    assert len(after) == len(before) + 2
    cut = next(
        e for uid, e in after.items() if uid in before and e["dtstart"] != before[uid]["dtstart"]
    )
    assert cut["sequence"] > before[str(cut["uid"])]["sequence"]
    assert cut.decoded("last-modified") == later
    actions.cancel_override(override=made.id, by="ann", now=later + timedelta(minutes=1))
    restored = by_uid(token)[str(cut["uid"])]
    assert restored["dtstart"].dt == before[str(cut["uid"])]["dtstart"].dt
    assert restored["sequence"] > cut["sequence"]


def test_a_feed_costs_the_same_queries_however_many_rotas(django_assert_num_queries):
    make_rota()
    token = actions.create_feed(person="ann", by="ann", now=NOW).plain
    with django_assert_num_queries(8):
        queries.feed(token, NOW)
    for number in range(20):
        make_rota(f"more-{number}")
    with django_assert_num_queries(8):
        queries.feed(token, NOW)


def test_only_a_live_address_is_answered():
    make_rota()
    secret = actions.create_feed(rota="checkout", by="ann", now=NOW)
    assert CalendarFeed.objects.get().digest == secret.digest
    assert queries.feed("andon_cal_nonsense", NOW) is None
    actions.revoke_feed(feed_id=CalendarFeed.objects.get().pk, by="ann", now=NOW)
    assert queries.feed(secret.plain, NOW) is None
    assert queries.list_feeds(rota="checkout") == []
    with pytest.raises(actions.UnableToShareCalendar):
        actions.revoke_feed(feed_id=CalendarFeed.objects.get().pk, by="ann", now=NOW)
    verbs = [entry.verb for entry in AuditEntry.objects.order_by("pk")]
    assert verbs == ["create calendar", "revoke calendar"]


def test_an_address_that_nobody_reads_expires_and_one_in_use_does_not():
    make_rota()
    used = actions.create_feed(rota="checkout", by="ann", now=NOW).plain
    unused = actions.create_feed(person="ann", by="ann", now=NOW).plain
    assert actions.use_feed(token=used, now=NOW + 100 * DAY) is not None
    assert queries.feed(unused, NOW + 181 * DAY) is None
    assert queries.feed(used, NOW + 181 * DAY) is not None
    assert actions.use_feed(token="andon_cal_nonsense", now=NOW) is None


@pytest.mark.parametrize("asked", [{"rota": "nobody"}, {"person": "zoe"}])
def test_a_calendar_of_nothing_is_refused(asked):
    with pytest.raises(actions.UnableToShareCalendar):
        actions.create_feed(by="ann", now=NOW, **asked)


def test_a_calendar_reaches_back_and_ahead():
    assert Period(NOW - 15 * DAY, NOW + 180 * DAY) == SHOWN
