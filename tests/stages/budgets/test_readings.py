"""Budgets read from a real VictoriaMetrics into the database: the same as adding up by hand."""

import math
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.budgets import queries as budgets
from andon.budgets.actions import readings
from andon.budgets.models import BudgetPoint, BudgetReading, TargetLoss
from andon.catalogue.types import TelemetryRules
from andon.core import clock
from andon.core.periods import Period
from andon.integrations.prometheus.client import PrometheusClient
from andon.integrations.prometheus.queries import Queries
from andon.slo import queries
from andon.slo.models import Declaration
from andon.slo.rules.documents.stored import objective_document
from andon.slo.types import CalendarWindow
from tests.support import components
from tests.support import factories as make
from tests.support.estates import objective
from tests.support.outside import Receiver
from tests.support.recorded import Recorded

pytestmark = pytest.mark.database


#: Half past, so that a step of the burn-down ended not too long ago.
NOW = clock.now().replace(minute=30, second=40, microsecond=0) - timedelta(hours=1)
AT = NOW.replace(second=0)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY
RULES = TelemetryRules()


def declare(slug, **changes):
    """Declare an objective of a service of the same name; return its key and value."""
    service = make.service(slug)
    one = objective(slug, **{"window": DAY, **changes})
    row = Declaration.objects.create(
        kind="slo",
        slug=slug,
        service=service,
        document=objective_document(one),
        created_at=NOW - 90 * DAY,
    )
    return row.pk, one


@contextmanager
def recorded(tmp_path, history):
    with components.victoria_metrics(tmp_path, flags=()) as vm:
        history.load_into(vm.url)
        with closing(PrometheusClient(url=vm.url)) as client:
            yield Queries(client)


def refresh(measurements, now=NOW, rules=RULES):
    return readings.refresh(
        objectives=queries.declarations().values(),
        telemetry=rules,
        measurements=measurements,
        now=now,
    )


def reading(slug):
    return BudgetReading.objects.get(objective__slug=slug)


def outage(at):
    """Return a tenth of failures for two hours, yesterday evening."""
    return (2.0 if NOW - 9 * HOUR < at <= NOW - 7 * HOUR else 0.001, 20.0 + at.hour)


def check(history, slug, at, *, window=DAY, target_ppm=999_000):
    """Assert that the reading of an objective is what adding up its samples gives."""
    row = reading(slug)
    wanted = history.sums(slug, start=at - window, end=at)
    assert row.read_at == at
    assert (row.error, row.source.startswith("http://127")) == ("", True)
    assert (row.bad, row.total) == pytest.approx((wanted.bad, wanted.total), rel=1e-9)
    budget = (1_000_000 - target_ppm) / 1_000_000
    assert row.left == pytest.approx(1 - wanted.bad / wanted.total / budget, rel=1e-6)
    assert row.availability == pytest.approx(1 - wanted.bad / wanted.total)
    assert row.covered == pytest.approx(min(1, wanted.samples / (window / MINUTE)), abs=0.002)
    return row


@pytest.mark.components
def test_readings_minute_by_minute_are_what_adding_up_gives(db, tmp_path):
    declare("shop")
    history = Recorded(NOW - 3 * DAY, NOW + 2 * HOUR).of("shop", outage)
    history.also("slo:error_ratio:1h", "shop", 0.004, at=NOW - MINUTE)
    with recorded(tmp_path, history) as measurements:
        assert refresh(measurements).read == 1
        row = check(history, "shop", AT)
        assert row.burn == {"1h": pytest.approx(4.0)}
        first_base = row.base_at
        for minutes in (1, 2, 17, 40, 75):
            later = NOW + minutes * MINUTE
            refresh(measurements, now=later)
            check(history, "shop", AT + minutes * MINUTE)
        assert reading("shop").base_at > first_base


@pytest.mark.components
def test_the_first_reading_fills_the_burn_down_and_later_ones_go_on(db, tmp_path):
    pk, _ = declare("shop")
    history = Recorded(NOW - 3 * DAY, NOW + HOUR).of("shop", outage)
    with recorded(tmp_path, history) as measurements:
        refresh(measurements)
        first = list(BudgetPoint.objects.filter(objective=pk).order_by("at"))
        assert len(first) == 96  # a day in quarters of an hour
        for minutes in range(4, 50, 5):
            refresh(measurements, now=NOW + minutes * MINUTE)
        refresh(measurements, now=NOW + 49 * MINUTE)
    points = list(BudgetPoint.objects.filter(objective=pk).order_by("at"))
    step = timedelta(minutes=15)
    assert {b.at - a.at for a, b in pairwise(points)} == {step}
    assert 98 <= len(points) <= 100
    for point in points:
        wanted = history.sums("shop", start=point.at - DAY, end=point.at)
        left = 1 - wanted.bad / wanted.total * 1000
        assert point.left == pytest.approx(left, rel=1e-6, abs=1e-9), point.at
    card = budgets.find_card(slug="shop", now=NOW)
    line = budgets.burn_down(objective="shop", period=Period(NOW - DAY, NOW))
    assert line.gap == timedelta(minutes=37, seconds=30)
    assert [one.at for one in line.points] == [
        one.at for one in points if NOW - DAY <= one.at <= NOW
    ]
    assert card.budget.window.length == DAY


@pytest.mark.components
def test_a_standstill_is_filled_in_afterwards(db, tmp_path):
    pk, _ = declare("shop")
    history = Recorded(NOW - 3 * DAY, NOW + 6 * HOUR).of("shop", outage)
    with recorded(tmp_path, history) as measurements:
        refresh(measurements)
        refresh(measurements, now=NOW + 5 * HOUR)
    at = list(BudgetPoint.objects.filter(objective=pk).order_by("at").values_list("at", flat=True))
    assert {b - a for a, b in pairwise(at)} == {timedelta(minutes=15)}
    check(history, "shop", AT + 5 * HOUR)


@pytest.mark.components
def test_gaps_no_traffic_and_nothing_recorded_are_told_apart(db, tmp_path):
    """And a metric that is not a number spoils its own objective only."""
    for slug in ("holed", "quiet", "absent", "young"):
        declare(slug)
    history = (
        Recorded(NOW - 2 * DAY, NOW)
        .of("holed", lambda at: None if NOW - 20 * HOUR < at < NOW - 8 * HOUR else (0.0, 1.0))
        .of("quiet", bad=0.0, total=0.0)
        .of("young", lambda at: (0.0, 1.0) if at > NOW - 2 * HOUR else None)
    )
    with recorded(tmp_path, history) as measurements:
        done = refresh(measurements)
    assert (done.read, done.failed, done.error) == (3, 1, "")
    holed, quiet, young, absent = map(reading, ("holed", "quiet", "young", "absent"))
    assert holed.covered == pytest.approx(0.5, abs=0.01)
    assert "50% of the window was measured" in holed.notes[0]
    assert (quiet.left, quiet.availability) == (1.0, None)
    assert quiet.notes == ["There was no traffic, so nothing is used up."]
    assert young.covered == pytest.approx(2 / 24, abs=0.01)
    assert (absent.left, absent.read_at) == (None, None)
    assert "nothing is recorded of this objective" in absent.error
    points = BudgetPoint.objects.filter(objective__slug="holed").order_by("at")
    inside = points.filter(at__gt=NOW - 19 * HOUR, at__lt=NOW - 8 * HOUR)
    assert points.count() > 40
    assert not inside.exists()


@pytest.mark.components
def test_prometheus_keeps_what_is_not_a_number_and_it_is_said(db, tmp_path):
    declare("odd")
    declare("shop")
    history = (
        Recorded(NOW - 3 * HOUR, NOW)
        .of("odd", lambda at: (math.nan, 1.0) if at.minute == 7 else (0.0, 1.0))
        .of("shop", bad=0.0005)
    )
    with (
        history.prometheus(tmp_path) as prometheus,
        closing(PrometheusClient(url=prometheus.url)) as client,
    ):
        done = refresh(Queries(client))
    assert (done.read, done.failed) == (1, 1)
    assert "holds something that is not a number" in reading("odd").error
    assert reading("shop").left == pytest.approx(0.5)


@pytest.mark.components
def test_a_prometheus_with_too_short_a_memory_is_found_out(db, tmp_path):
    declare("shop", window=30 * DAY)
    history = Recorded(NOW - 15 * DAY, NOW, every=MINUTE).of("shop", bad=0.0005)
    with (
        history.prometheus(tmp_path) as prometheus,
        closing(PrometheusClient(url=prometheus.url)) as client,
    ):
        refresh(Queries(client))
    row = reading("shop")
    assert row.covered == pytest.approx(0.5, abs=0.001)
    assert row.left == pytest.approx(0.5, abs=1e-6)
    card = budgets.find_card(slug="shop", now=NOW)
    assert card.budget.notes[0].startswith("Only 50% of the window was measured")


@pytest.mark.components
def test_a_calendar_day_begins_with_a_full_budget(db, tmp_path):
    midnight = NOW.replace(hour=0, minute=0, second=0) + DAY
    calendar = CalendarWindow(datetime(2026, 1, 1), "UTC", "day")  # noqa: DTZ001 - wall time
    declare("shop", calendar=calendar)
    history = Recorded(midnight - 3 * DAY, midnight + 4 * HOUR).of("shop", bad=0.0005)
    with recorded(tmp_path, history) as measurements:
        for at in (-30, -1, 2, 5, 16, 200):
            now = midnight + at * MINUTE + timedelta(seconds=40)
            refresh(measurements, now=now)
            row = reading("shop")
            start = midnight if at > 0 else midnight - DAY
            assert (row.window_starts_at, row.window_ends_at) == (start, start + DAY)
            wanted = history.sums("shop", start=start, end=row.read_at)
            assert (row.bad, row.total) == pytest.approx((wanted.bad, wanted.total))
            passed = row.read_at - start
            assert row.left == pytest.approx(1 - 0.5 * (passed / DAY), rel=1e-6)


@pytest.mark.components
def test_a_lost_target_is_stored_once_with_how_it_was_found(db, tmp_path):
    pk, _ = declare("shop")
    broke, mended = AT - 50 * MINUTE, AT - 20 * MINUTE
    history = Recorded(NOW - 2 * DAY, NOW + HOUR).of(
        "shop", lambda at: (5.0 if broke < at <= mended else 0.0, 10.0)
    )
    with recorded(tmp_path, history) as measurements:
        for minutes in (-46, -45, -44, -40, -10, -9, 0, 3):
            refresh(measurements, now=NOW + minutes * MINUTE)
            if minutes == -40:
                [open_loss] = TargetLoss.objects.all()
                assert open_loss.regained_at is None
    [loss] = TargetLoss.objects.filter(objective=pk)
    second = timedelta(seconds=3, milliseconds=456)  # when the rules were evaluated
    assert loss.lost_at == broke + second - 5 * MINUTE
    assert loss.regained_at == mended + second - 5 * MINUTE
    assert loss.method == "sliding-window"
    assert loss.parameters == {"window": 300, "every": 60, "least_events": 10, "k1": 2, "k2": 2}
    service = loss.objective.service_id
    [stored] = budgets.losses(service_ids=[service], period=Period(NOW - DAY, NOW))
    assert (stored.took, stored.objective) == (30 * MINUTE, "shop")
    assert budgets.losses(service_ids=[service], period=Period(NOW, NOW + DAY)) == []
    assert budgets.losses(service_ids=[], period=Period(NOW - DAY, NOW)) == []


@pytest.mark.components
def test_many_objectives_cost_few_questions_and_statements(db, tmp_path):
    for number in range(25):
        declare(f"s{number:02d}")
    history = Recorded(NOW - 90 * MINUTE, NOW + HOUR)
    for number in range(25):
        history.of(f"s{number:02d}", bad=0.0001 * number)
    with recorded(tmp_path, history) as measurements:
        refresh(measurements)
        asked = []
        counted = Queries(measurements._client, before=lambda: asked.append(1))
        with CaptureQueriesContext(
            connection,
        ) as statements:
            assert refresh(counted, now=NOW + MINUTE).read == 25
    assert len(asked) == 8
    assert len(statements) <= 10
    assert BudgetReading.objects.filter(error="").count() == 25
    assert reading("s20").left == pytest.approx(-1, abs=1e-6)


@pytest.mark.components
def test_what_is_too_much_at_once_is_asked_in_halves(db, tmp_path):
    for number in range(4):
        declare(f"s{number}")
    history = Recorded(NOW - DAY, NOW)
    for number in range(4):
        history.of(f"s{number}", bad=0.0005)
    flags = ("-search.maxSamplesPerQuery=4000",)
    with components.victoria_metrics(tmp_path, flags=flags) as vm:
        history.load_into(vm.url)
        with closing(PrometheusClient(url=vm.url)) as client:
            done = refresh(Queries(client))
    assert (done.read, done.failed, done.error) == (4, 0, "")


@pytest.mark.components
def test_a_failure_keeps_the_last_values_and_says_why(db, tmp_path):
    declare("shop")
    declare("new")
    history = Recorded(NOW - 2 * DAY, NOW).of("shop", bad=0.0005)
    with recorded(tmp_path, history) as measurements:
        refresh(measurements)
    before = reading("shop")
    with closing(PrometheusClient(url=f"http://127.0.0.1:{components.free_port()}")) as client:
        done = refresh(Queries(client), now=NOW + 30 * MINUTE)
    assert (done.read, done.failed) == (0, 2)
    assert "cannot connect" in done.error
    after = reading("shop")
    assert (after.left, after.read_at) == (before.left, before.read_at)
    assert (after.tried_at, after.error) == (NOW + 30 * MINUTE, done.error)
    card = budgets.find_card(slug="shop", now=NOW + 30 * MINUTE)
    assert (card.is_stale, card.error) == (True, done.error)
    assert budgets.find_card(slug="new", now=NOW).budget is None


def test_a_source_that_is_down_is_asked_once(db, receiver: Receiver):
    for number in range(3):
        declare(f"s{number}", window=DAY * (number + 1))
    receiver.answers["/api/v1/query_range"] = (503, {}, b"away")
    with closing(PrometheusClient(url=receiver.url)) as client:
        done = refresh(Queries(client))
    assert len(receiver.received) == 1
    assert (done.failed, BudgetReading.objects.exclude(error="").count()) == (3, 3)


@pytest.mark.components
def test_a_window_that_changed_is_summed_anew(db, tmp_path):
    pk, _ = declare("shop")
    BudgetReading.objects.create(
        objective_id=pk, tried_at=NOW, basis="rolling 604800", base_at=NOW - HOUR, base_bad=9e9
    )
    history = Recorded(NOW - 2 * DAY, NOW).of("shop", bad=0.0005)
    with recorded(tmp_path, history) as measurements:
        refresh(measurements)
    assert reading("shop").left == pytest.approx(0.5)
    assert reading("shop").basis == "rolling 86400"


def test_points_are_thinned_and_forgotten(db):
    pk, _ = declare("shop")
    midnight = NOW.replace(hour=0, minute=0, second=0)
    kept = [midnight - 36 * DAY, midnight - 300 * DAY, NOW - DAY, NOW]
    gone = [midnight - 36 * DAY + 3 * HOUR, midnight - 401 * DAY]
    BudgetPoint.objects.bulk_create(
        BudgetPoint(objective_id=pk, at=at, left=1, availability=1) for at in (*kept, *gone)
    )
    assert readings.prune(now=NOW) == 2
    assert set(BudgetPoint.objects.values_list("at", flat=True)) == set(kept)


def read_row(slug, left, *, now=NOW, error="", **fields):
    pk, _ = declare(slug)
    BudgetReading.objects.create(
        objective_id=pk,
        tried_at=now,
        error=error,
        **{
            "read_at": now,
            "window_starts_at": now - 30 * DAY,
            "window_ends_at": now,
            "bad": 1,
            "total": 1000,
            "left": left,
            "target_ppm": 999_000,
            "allowed_seconds": 2592,
            "availability": 0.999,
            "covered": 1.0,
            **fields,
        },
    )


def test_a_card_says_time_money_and_age(db):
    read_row("shop", 0.5, exhausts_at=NOW + 2 * HOUR, burn={"1h": 14.4})
    card = budgets.find_card(slug="shop", now=NOW + 20 * MINUTE)
    assert card.budget.time_left == timedelta(minutes=21, seconds=36)
    assert card.budget.money_left.exact == "GBP 72,000.00"
    assert card.budget.exhausts_in == 2 * HOUR
    assert card.budget.burn == {"1h": Decimal("14.4")}
    assert (card.target_ppm, card.window, card.is_stale) == (999_000, timedelta(days=1), True)


def test_pages_ask_as_often_for_many_as_for_one(db):
    read_row("s0", 0.5)

    def asked(work):
        with CaptureQueriesContext(connection) as statements:
            work()
        return len(statements)

    works = [
        lambda: budgets.list_cards(now=NOW),
        lambda: budgets.burn_down(objective="s0", period=Period(NOW - DAY, NOW)),
        lambda: budgets.losses(service_ids=range(100), period=Period(NOW - DAY, NOW)),
    ]
    before = [asked(work) for work in works]
    for number in range(1, 12):
        read_row(f"s{number}", 0.5)
    assert [asked(work) for work in works] == before == [2, 2, 1]
