"""The ledger against a database: what is posted, twice, after a change, after closing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError, Sum

from andon.catalogue.models import Organisation
from andon.core.money import Money
from andon.costing import actions, queries
from andon.costing.models import LedgerMonth, Posting
from andon.costing.types import Books, Dimension, Kind
from andon.incidents.models import Incident, IncidentPage
from andon.oncall import actions as oncall
from tests.stages.costing.conftest import NOW, set_pay
from tests.support import factories

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOVEMBER = Books.parse("2026-11")
#: A Wednesday night, 03:00 in London.
NIGHT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)


def post(books=NOVEMBER, now=NOW):
    outcome = actions.post_period(books=books, now=now)
    return outcome.posted, outcome.reversed


def net(**only):
    return Posting.objects.filter(**only).aggregate(sum=Sum("minor"))["sum"] or 0


def by_person(kind):
    rows = Posting.objects.filter(kind=kind).order_by("person__slug").values("person__slug")
    return {row["person__slug"]: row["sum"] for row in rows.annotate(sum=Sum("minor"))}


def test_a_month_of_standby_is_charged_line_by_line_to_the_services_of_the_team(fruits):
    assert post() == (12, 0)
    # 30 days at 100 a day; the rota's week begins on Monday 09:00.
    assert net(kind="standby") == 300_000
    assert net(service__slug="checkout", tag="capex") == 150_000
    assert net(service__slug="basket", tag="opex") == 150_000
    assert set(Posting.objects.values_list("budget_holder__slug", "team__slug")) == {
        ("hope", "shop")
    }
    assert by_person("standby") == {"ann": 80_000, "ben": 140_000, "cat": 80_000}


def test_a_second_run_posts_nothing(fruits):
    fruits.incident(NIGHT, 80)
    post()
    assert post() == (0, 0)


def test_an_incident_costs_callout_response_and_its_loss(fruits):
    fruits.incident(NIGHT.replace(hour=8), 90)
    post()
    assert net(kind="callout") == 6000
    assert net(kind="response") == 45_00 * 30 // 60
    assert net(kind="opportunity", tag="lost-revenue") == 30_000_000
    row = Posting.objects.get(kind="callout")
    assert (row.service.slug, row.person.slug, row.incident.number) == ("checkout", "ann", 1)
    assert row.evidence == "INC-1, ann, 2026-11-18T08:00:00Z to 2026-11-18T09:30:00Z"
    assert "worked 1 h out of hours" in row.reason


def test_everybody_who_took_a_page_of_it_is_called_out(fruits):
    incident = fruits.incident(NIGHT, 60)
    page = factories.page(
        fruits.checkout,
        at=NIGHT,
        acknowledged_at=NIGHT + timedelta(minutes=20),
        acknowledged_person=fruits.ben,
    )
    IncidentPage.objects.create(incident=incident, page=page)
    post()
    assert by_person("callout") == {"ann": 6000, "ben": 6000}


def test_one_hour_is_paid_once_for_two_incidents(fruits):
    fruits.incident(NIGHT, 120)
    fruits.incident(NIGHT + timedelta(minutes=30), 60, service=fruits.basket)
    post()
    assert by_person("callout") == {"ann": 12_000}


def test_what_lasts_is_not_posted_and_what_is_reopened_is_taken_back(fruits):
    incident = fruits.incident(NIGHT, 80)
    post()
    assert net(kind="callout") == 9000
    Incident.objects.filter(pk=incident.pk).update(state="open", restored_at=None)
    assert post() == (0, 2)
    assert net(kind="callout") == 0
    Incident.objects.filter(pk=incident.pk).update(
        state="restored", restored_at=NIGHT + timedelta(minutes=120)
    )
    assert post() == (2, 0)
    assert net(kind="callout") == 12_000
    assert list(
        Posting.objects.filter(kind="callout", reversal_of=None).values_list("sequence", flat=True)
    ) == [1, 2]


def test_a_swap_is_paid_to_who_was_there_and_the_rota_costs_the_same(fruits):
    post()
    before = net(kind="standby")
    dan = factories.person("dan")
    oncall.add_override(
        rota="shop",
        person="dan",
        starts_at=datetime(2026, 11, 11, 9, 0, tzinfo=UTC),
        ends_at=datetime(2026, 11, 12, 9, 0, tzinfo=UTC),
        reason="swap",
        by="ann",
        now=datetime(2026, 11, 10, 9, 0, tzinfo=UTC),
    )
    posted, reversed_ = post()
    assert (posted, reversed_) == (6, 2)
    assert net(kind="standby") == before
    assert by_person("standby")[dan.slug] == 10_000


def test_only_shifts_that_are_over_are_posted_so_a_day_more_changes_nothing_posted(fruits):
    post(now=datetime(2026, 11, 10, 12, 0, tzinfo=UTC))
    first = Posting.objects.count()
    assert first == 4
    assert post(now=datetime(2026, 11, 11, 12, 0, tzinfo=UTC)) == (0, 0)
    posted, reversed_ = post()
    assert (posted, reversed_) == (8, 0)


def test_a_domain_rota_has_one_budget_holder(fruits):
    fruits.domain()
    post()
    rows = Posting.objects.filter(domain__slug="supply")
    assert set(rows.values_list("budget_holder__slug", "service")) == {("dora", None)}


def test_a_service_that_needs_no_cover_pays_for_none_of_it(fruits):
    factories.service("blog", owner=fruits.team, ppm=950_000)
    post()
    assert net(service__slug="blog") == 0


def test_the_cap_cuts_the_last_work_of_the_month(fruits):
    set_pay(capPerMonth="GBP 1000")
    post()
    assert by_person("standby") == {"ann": 80_000, "ben": 100_000, "cat": 80_000}


def test_hours_corrected_with_a_reason_are_paid(fruits):
    fruits.incident(NIGHT, 80)
    post()
    actions.correct_worked_time(
        number=1,
        person_id=fruits.ben.pk,
        starts_at=NIGHT,
        ends_at=NIGHT + timedelta(hours=3),
        reason="called by Ann",
        by="hope",
        now=NOW,
    )
    assert post() == (1, 0)
    assert by_person("callout") == {"ann": 9000, "ben": 18_000}
    row = Posting.objects.get(kind="callout", person=fruits.ben)
    assert row.reason.endswith("hours as hope corrected them: called by Ann")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": " "}, "need a reason"),
        ({"ends_at": NIGHT - timedelta(hours=1)}, "end after they start"),
        ({"ends_at": NOW + timedelta(hours=1)}, "are over"),
        ({"number": 99}, "no INC-99"),
    ],
)
def test_hours_that_make_no_sense_are_refused(fruits, change, words):
    fruits.incident(NIGHT, 80)
    facts = {
        "number": 1,
        "person_id": fruits.ann.pk,
        "starts_at": NIGHT,
        "ends_at": NIGHT + timedelta(hours=1),
        "reason": "because",
        "by": "hope",
        "now": NOW,
    }
    with pytest.raises(actions.UnableToCorrect, match=words):
        actions.correct_worked_time(**facts | change)


def test_a_loss_in_another_currency_is_left_out_and_said(fruits):
    fruits.incident(NIGHT, 80, exposure_currency="EUR")
    outcome = actions.post_period(books=NOVEMBER, now=NOW)
    (words,) = outcome.refused
    assert words.startswith("INC-1: its exposure is in EUR and the books are in GBP; currencies")
    assert net(kind="callout") == 9000
    assert net(kind="opportunity") == 0


def test_an_organisation_that_changes_currency_keeps_its_books_apart(fruits):
    post()
    Organisation.objects.update(document={"currency": "EUR", "pay": {"standbyPerWeek": "EUR 900"}})
    with pytest.raises(actions.UnableToPost, match="books of 2026-11 are in GBP"):
        post()
    december = Books.parse("2026-12")
    post(december, NOW + timedelta(days=40))
    found = queries.list_statements(books=Books.parse("2026-Q4"), dimension=Dimension.TEAM)
    assert [one.currency for one in found] == ["EUR", "GBP"]


def test_without_pay_only_the_losses_are_known(fruits):
    Organisation.objects.update(document={"currency": "GBP"})
    fruits.incident(NIGHT, 80)
    assert post() == (1, 0)


def test_the_database_refuses_to_change_a_posting(fruits):
    post()
    with pytest.raises(DatabaseError, match="reverse it"), transaction.atomic():
        Posting.objects.update(minor=1)
    assert net(kind="standby") == 300_000


@pytest.mark.parametrize(
    "delete",
    [
        lambda: Posting.objects.all().delete(),
        lambda: connection.cursor().execute("DELETE FROM costing_posting"),
    ],
    ids=["rows", "sql"],
)
def test_the_database_refuses_to_delete_a_posting(fruits, delete):
    entry()
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        delete()
    assert net(kind="setup") == 120_000


def test_nothing_a_posting_refers_to_is_deleted_with_it(fruits):
    fruits.incident(NIGHT, 80)
    post()
    for row in (fruits.ann, fruits.team, fruits.rota, fruits.checkout):
        with pytest.raises(ProtectedError), transaction.atomic():
            row.delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        Incident.objects.all().delete()


def test_a_closed_month_never_changes_and_corrections_go_into_the_present_one(fruits):
    fruits.incident(NIGHT, 80)
    actions.close_month(books=NOVEMBER, by="hope", now=NOW)
    before = queries.find_statement(books=NOVEMBER, dimension=Dimension.KIND)
    actions.correct_worked_time(
        number=1,
        person_id=fruits.ann.pk,
        starts_at=NIGHT,
        ends_at=NIGHT + timedelta(hours=2),
        reason="longer",
        by="hope",
        now=NOW,
    )
    assert post() == (1, 1)
    assert queries.find_statement(books=NOVEMBER, dimension=Dimension.KIND) == before
    late = queries.find_statement(books=Books.parse("2026-12"), dimension=Dimension.KIND)
    assert late.by_kind == {Kind.CALLOUT: Money(3000, "GBP")}
    assert post() == (0, 0)
    with pytest.raises(actions.UnableToClose, match="closed already"):
        actions.close_month(books=NOVEMBER, by="hope", now=NOW)


@pytest.mark.parametrize(
    ("books", "words"), [("2026-12", "not over yet"), ("2026-Q3", "is no month")]
)
def test_what_is_not_over_or_no_month_is_not_closed(fruits, books, words):
    with pytest.raises(actions.UnableToClose, match=words):
        actions.close_month(books=Books.parse(books), by="hope", now=NOW)


def test_the_due_months_are_this_one_and_the_one_before(fruits):
    actions.post_due(now=NOW)
    assert [str(month) for month in LedgerMonth.objects.order_by("first")] == ["2026-11", "2026-12"]
    assert actions.post_due(now=NOW).posted == 0


def entry(**change):
    facts = {
        "kind": Kind.SETUP,
        "service": "checkout",
        "amount": Money.parse("GBP 1200"),
        "day": date(2026, 11, 5),
        "reason": "telemetry licences",
        "by": "hope",
        "now": NOW,
        "reference": "invoice 7",
    }
    return actions.post_entry(**facts | change)


def test_setup_is_posted_by_hand_once_per_reference_and_survives_the_runs(fruits):
    first = entry()
    assert entry() == first
    post()
    assert net(kind="setup", service__slug="checkout") == 120_000


def test_a_posting_by_hand_is_reversed_once_and_may_be_posted_again(fruits):
    uid = entry()
    actions.reverse(uid=uid, reason="wrong service", by="hope", now=NOW)
    assert net(kind="setup") == 0
    with pytest.raises(actions.UnableToReverse, match="reversed already"):
        actions.reverse(uid=uid, reason="again", by="hope", now=NOW)
    entry()
    assert net(kind="setup") == 120_000


def take_back(row, reason="never stood by: the phone was off"):
    actions.reverse(uid=str(row.uid), reason=reason, by="hope", now=NOW)


@pytest.mark.parametrize("kind", ["standby", "callout", "opportunity"])
def test_what_follows_from_facts_is_taken_back_by_hand_for_good(fruits, kind):
    fruits.incident(NIGHT, 80)
    post()
    row = Posting.objects.filter(kind=kind).earliest("pk")
    before = net(kind=kind)
    take_back(row)
    assert net(kind=kind) == before - row.minor
    mirror = Posting.objects.get(reversal_of=row)
    assert mirror.reason.endswith(": never stood by: the phone was off")
    assert mirror.posted_by == "hope"
    assert post() == (0, 0)
    actions.post_due(now=NOW + timedelta(hours=1))
    assert net(kind=kind) == before - row.minor
    with pytest.raises(actions.UnableToReverse, match="reversed already"):
        take_back(row)


def test_what_was_taken_back_stays_so_when_its_facts_change(fruits):
    fruits.incident(NIGHT, 80)
    post()
    take_back(Posting.objects.get(kind="callout"))
    Incident.objects.update(restored_at=NIGHT + timedelta(minutes=200))
    assert post() == (1, 1), "the loss alone"
    assert net(kind="callout") == 0


def test_it_may_be_posted_again_with_a_reason(fruits):
    post()
    row = Posting.objects.filter(kind="standby").earliest("pk")
    uid = str(row.uid)
    with pytest.raises(actions.UnableToReverse, match="nobody took it back"):
        actions.post_again(uid=uid, reason="mistake", by="hope", now=NOW)
    take_back(row)
    with pytest.raises(actions.UnableToReverse, match="needs a reason"):
        actions.post_again(uid=uid, reason=" ", by="hope", now=NOW)
    actions.post_again(uid=uid, reason="mistake", by="hope", now=NOW)
    assert post() == (1, 0)
    assert net(kind="standby") == 300_000


def test_in_a_closed_month_it_is_taken_back_in_the_present_one(fruits):
    actions.close_month(books=NOVEMBER, by="hope", now=NOW)
    row = Posting.objects.filter(kind="standby").earliest("pk")
    take_back(row)
    assert Posting.objects.get(reversal_of=row).booked == date(2026, 12, 1)
    assert post() == (0, 0)


@pytest.mark.parametrize("uid", ["nonsense", "0192f0c0-0000-7000-8000-000000000000"])
def test_what_is_not_there_is_not_reversed(fruits, uid):
    with pytest.raises(actions.UnableToReverse, match="there is no posting"):
        actions.reverse(uid=uid, reason="no", by="hope", now=NOW)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": Kind.STANDBY}, "not posted by hand"),
        ({"amount": Money.parse("EUR 5")}, "never mixed"),
        ({"amount": Money.parse("GBP 0")}, "above nothing"),
        ({"reason": ""}, "a reason"),
        ({"service": "nobody"}, "no service"),
    ],
)
def test_entries_that_make_no_sense_are_refused(fruits, change, words):
    with pytest.raises(actions.UnableToPost, match=words):
        entry(**change)


def test_the_questions_do_not_grow_with_rotas_and_incidents(fruits, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as few:
        post()
    for number in range(12):
        team = factories.team()
        service = factories.service(owner=team)
        factories.rota(of=team, people=[factories.person() for _ in range(3)])
        fruits.incident(NIGHT + timedelta(hours=number), 30, service=service)
    with django_assert_max_num_queries(len(few)):
        post()
