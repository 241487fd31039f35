"""Edited rotas in the database: what the plan says, what pages, and what was there before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from icalendar import Calendar

from andon.catalogue import models
from andon.catalogue.queries import findings_of
from andon.catalogue.types import Pay, Standby, StandbyUnit
from andon.core.documents.source import read_folder
from andon.core.money import Money
from andon.core.periods import Period
from andon.costing.rules import standby_pay
from andon.costing.types import Books
from andon.oncall import actions, ical, queries, rules
from andon.people.models import Person
from andon.slo import actions as declarations
from andon.slo.rules.documents import check_folder
from tests.support.folders import ORGANISATION

pytestmark = [pytest.mark.database, pytest.mark.django_db]

#: A Monday on which `ann` begins; the catalogue is applied just before it.
BEGUN = datetime(2026, 10, 26, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 22, 15, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WEEKS = Period(FRIDAY, FRIDAY + 70 * DAY)
SIX = ("ann", "ben", "cem", "dee", "eve", "fay")

PERSON = """apiVersion: backstage.io/v1alpha1
kind: User
metadata: {{name: {slug}}}
spec: {{profile: {{displayName: {name}, email: {slug}@example.com}}, memberOf: [checkout]}}
"""
REST = """apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {{name: checkout, title: Checkout}}
spec: {{type: team, children: []}}
---
apiVersion: andon.dev/v1
kind: Rota
metadata: {{name: checkout, title: Checkout}}
spec:
  team: checkout
  covers: {covers}
  rotation: {{unit: week, every: 1, handover: "{handover}", startsOn: 2026-10-26}}
  participants: [{people}]
"""


class Shop:
    """A folder with one rota, edited and applied as people do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: Whether the rota also answers for services nobody declared, which it does at all hours.
        self.is_catch_all = True
        self.write(*SIX)

    def write(self, *people, employed=None, handover="09:00", covers="always", hours=""):
        organisation = ORGANISATION.replace("team-0", "checkout") + hours
        if not self.is_catch_all:
            organisation = organisation.replace("  catchAllRota: checkout\n", "")
        (self.folder / "organisation.yaml").write_text(organisation)
        employed = people if employed is None else employed
        users = "---\n".join(PERSON.format(slug=one, name=one.title()) for one in employed)
        rest = REST.format(people=", ".join(people), handover=handover, covers=covers)
        (self.folder / "rest.yaml").write_text(f"{rest}---\n{users}")

    def plan(self, now):
        return self.apply(now, dry_run=True, foresee=queries.foresee)

    def apply(self, now, **options):
        checked = check_folder(read_folder(self.folder))
        return declarations.apply_checked(checked=checked, by="test", now=now, **options)


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    made.apply(BEGUN - DAY)
    return made


def load(period=WEEKS):
    return queries.load_rotas(period=period)["checkout"]


def on_call(at):
    return rules.who(rota=load(Period(at, at)), at=at).person


def weeks(at=FRIDAY, count=9):
    return [on_call(at + number * 7 * DAY) for number in range(count)]


@pytest.mark.parametrize("size", [6, 7, 8])
def test_two_people_appended_on_a_friday_night_wait_until_everybody_had_their_turn(tmp_path, size):
    shop = Shop(tmp_path)
    people = [*SIX, "gus", "hal"][:size]
    shop.write(*people)
    shop.apply(BEGUN - DAY)
    coming = weeks(count=size + 1)
    shop.write(*people, "new", "newer")
    (said,) = shop.plan(FRIDAY).on_call
    running = coming[0].title()
    assert said["words"].startswith(
        f"checkout: on call now: no change ({running} until Mon 30 Nov 2026 09:00); from "
    )
    assert said["first_change"]["after"]["slug"] == "new"
    assert not said["replaces"]
    shop.apply(FRIDAY)
    assert on_call(FRIDAY - timedelta(seconds=1)) == on_call(FRIDAY) == coming[0]
    assert weeks(count=size + 3) == [*coming, "new", "newer"]


def test_a_leaver_who_is_not_on_call_leaves_the_order(shop):
    assert weeks(count=7) == ["eve", "fay", "ann", "ben", "cem", "dee", "eve"]
    shop.write("ann", "cem", "dee", "eve", "fay")
    (said,) = shop.plan(FRIDAY).on_call
    assert said["words"] == (
        "checkout: on call now: no change (Eve until Mon 30 Nov 2026 09:00); "
        "from Mon 14 Dec 2026 09:00 Cem (was Ben) (Europe/London)"
    )
    turns = [(one["before"]["slug"], one["after"]["slug"]) for one in said["turns"]]
    assert turns == [
        ("fay", "fay"),
        ("ann", "ann"),
        ("ben", "cem"),
        ("cem", "dee"),
        ("dee", "eve"),
        ("eve", "fay"),
    ]
    shop.apply(FRIDAY)
    assert weeks(count=7) == ["eve", "fay", "ann", "cem", "dee", "eve", "fay"]


def test_a_leaver_who_is_on_call_is_relieved_only_when_that_was_agreed(shop):
    shop.write("ann", "ben", "cem", "dee", "fay")
    plan = shop.plan(FRIDAY)
    (said,) = plan.on_call
    assert said["words"].startswith(
        "checkout: on call now: Fay until Mon 30 Nov 2026 09:00 (was Eve); "
    )
    assert said["replaces"]
    with pytest.raises(actions.UnableToReplace, match=r"Fay until .*was Eve") as refused:
        shop.apply(FRIDAY, foresee=actions.Watch(agreed=()))
    assert refused.value.data == {"rotas": ["checkout"]}
    assert on_call(FRIDAY) == "eve"
    assert Person.objects.get(slug="eve").is_active
    shop.apply(FRIDAY, foresee=actions.Watch(agreed=["checkout"]))
    assert [on_call(at) for at in (FRIDAY - DAY, FRIDAY, MONDAY, MONDAY + 7 * DAY)] == [
        "eve",
        "fay",
        "fay",
        "ann",
    ]
    shop.write(*SIX)
    shop.apply(FRIDAY + DAY)
    assert [on_call(at) for at in (FRIDAY - DAY, FRIDAY, FRIDAY + DAY)] == ["eve", "fay", "fay"]


def test_somebody_struck_off_who_still_works_here_finishes_their_turn(shop):
    shop.write("ann", "ben", "cem", "dee", "fay", employed=SIX)
    (said,) = shop.plan(FRIDAY).on_call
    assert not said["replaces"]
    shop.apply(FRIDAY, foresee=actions.Watch(agreed=()))
    assert [on_call(at) for at in (FRIDAY, MONDAY - DAY, MONDAY)] == ["eve", "eve", "fay"]


def test_two_edits_on_one_day_and_two_at_one_instant(shop):
    coming = weeks(count=7)
    shop.write("zed", *SIX)
    shop.apply(FRIDAY)
    shop.write(*SIX, "gus")
    shop.apply(FRIDAY)
    assert weeks(count=8) == [*coming, "gus"]
    shop.write(*SIX, "gus", "hal")
    shop.apply(FRIDAY + timedelta(hours=3))
    assert weeks(count=9) == [*coming, "gus", "hal"]
    versions = models.RotaVersion.objects.order_by("starts_at")
    assert [one.carried is None for one in versions] == [True, False, False]


def test_the_past_stays_as_it_was_served_through_many_edits(shop):
    past = Period(BEGUN, FRIDAY)

    def served():
        shifts = rules.shifts(rota=load(past), period=past)
        return [(one.person, one.instead_of, one.period.clip(past)) for one in shifts]

    before = served()
    for number, people in enumerate(
        [(*SIX, "gus"), SIX[::-1], ("gus", "hal"), SIX[1:], ("ann",), SIX]
    ):
        everybody = {*people, *SIX, "gus", "hal"}
        shop.write(*people, employed=sorted(everybody), handover=f"1{number}:00")
        shop.apply(FRIDAY + number * DAY)
        assert served() == before


def test_r18_r81_preview_command_pay_and_calendar_agree_after_an_edit(shop):
    token = actions.create_feed(rota="checkout", by="ann", now=BEGUN).plain
    actions.add_override(
        rota="checkout",
        person="ben",
        starts_at=MONDAY + DAY,
        ends_at=MONDAY + 2 * DAY,
        reason="swap",
        by="ann",
        now=FRIDAY,
    )
    shop.write("ann", "gus", "cem", "dee", "eve", handover="10:00")
    (said,) = shop.plan(FRIDAY).on_call
    shop.apply(FRIDAY)
    shown = ical.window(FRIDAY)
    shifts = rules.shifts(rota=load(shown), period=shown)
    for turn in said["turns"]:
        assert on_call(datetime.fromisoformat(turn["starts_at"])) == turn["after"]["slug"]
    for shift in shifts:
        at = max(shift.period.starts_at, shown.starts_at)
        (now,) = queries.on_call_now(at=at)
        assert now.shift == shift
    for month in ("2026-11", "2026-12", "2027-01"):
        books = Books.parse(month)
        rate = Standby(StandbyUnit.HOUR, Money.parse("GBP 1"))
        paid = standby_pay(
            pay=Pay(Money.zero("GBP"), Money.zero("GBP"), standby=rate),
            rota=load(shown),
            books=books,
        )
        for one in paid:
            middle = one.period.starts_at + one.period.length / 2
            assert on_call(middle) == one.person
    body, _ = queries.feed(token, FRIDAY)
    events = Calendar.from_ical(body).walk("VEVENT")
    assert [(e.decoded("dtstart"), str(e["summary"]).split()[0].lower()) for e in events] == [
        (one.period.starts_at, one.person) for one in shifts
    ]


class TestSaid:
    def test_a_new_rota_and_one_that_is_retired(self, shop, tmp_path):
        (tmp_path / "more").mkdir()
        other = Shop(tmp_path / "more")
        text = (other.folder / "rest.yaml").read_text()
        stock = text.replace("name: checkout", "name: stock").replace(
            "team: checkout", "team: stock"
        )
        stock = stock.replace("memberOf: [checkout]", "memberOf: [stock]")
        for slug in SIX:
            stock = stock.replace(f"name: {slug}}}", f"name: {slug}-2}}")
        stock = stock.replace(", ".join(SIX), ", ".join(f"{slug}-2" for slug in SIX))
        (other.folder / "organisation.yaml").unlink()
        (other.folder / "rest.yaml").write_text(stock)
        (new,) = shop.plan(FRIDAY).on_call
        assert new["words"] == (
            "stock: on call now: Eve until Mon 30 Nov 2026 09:00 (Europe/London)"
        )
        assert not new["replaces"]
        shop.apply(FRIDAY)
        (other.folder / "rest.yaml").write_text(stock.split("---\n")[0])
        said = {one["rota"]: one for one in shop.plan(FRIDAY + DAY).on_call}
        assert said["stock"]["words"].startswith("stock: on call now: nobody (was Eve)")
        assert said["stock"]["replaces"]

    def test_the_hours_a_rota_answers_and_those_people_work(self, shop):
        """Friday 22:15 is out of hours; a rota for working hours would not answer."""
        shop.is_catch_all = False
        shop.write(*SIX, covers="working-hours")
        (said,) = shop.plan(FRIDAY).on_call
        assert "it does not answer now any more" in said["words"]
        assert said["replaces"]
        shop.write(*SIX, covers="out-of-hours")
        (said,) = shop.plan(FRIDAY).on_call
        assert (said["replaces"], said["matters"]) == (False, False)
        shop.apply(FRIDAY)
        late = '  workingHours: {starts: "12:00", ends: "23:30"}\n'
        shop.write(*SIX, covers="out-of-hours", hours=late)
        (said,) = shop.plan(FRIDAY).on_call
        assert "it does not answer now any more" in said["words"]

    def test_a_rota_that_moves_to_another_team_is_a_question_and_another_name_is_none(self, shop):
        path = shop.folder / "rest.yaml"
        text = path.read_text()
        group = text.split("---\n")[0]
        moved = text.replace("team: checkout", "team: tills")
        tills = group.replace("{name: checkout, title: Checkout}", "{name: tills, title: Tills}")
        path.write_text(f"{moved}---\n{tills}")
        (said,) = shop.plan(FRIDAY).on_call
        assert "it answers for team tills and no longer for team checkout" in said["words"]
        assert said["replaces"]
        former = tills.replace("}", ", annotations: {andon.dev/aliases: checkout}}", 1)
        renamed = moved.replace(group, former).replace("[checkout]", "[tills]")
        path.write_text(renamed)
        (said,) = shop.plan(FRIDAY).on_call
        assert (said["replaces"], said["matters"]) == (False, False)

    def test_another_hand_over_or_zone_is_said_and_changes_nobody_now(self, shop):
        shop.write(*SIX, handover="10:30")
        (said,) = shop.plan(FRIDAY).on_call
        assert said["words"] == (
            "checkout: on call now: no change (Eve until Mon 30 Nov 2026 09:00); "
            "from Mon 7 Dec 2026 09:00 Fay (was Ann) (Europe/London)"
        )

    def test_what_does_not_touch_people_says_nothing_of_them(self, shop):
        organisation = shop.folder / "organisation.yaml"
        organisation.write_text(organisation.read_text().replace("title: Org", "title: Other"))
        assert shop.plan(FRIDAY).on_call == ()

    def test_a_revision_keeps_what_was_said(self, shop):
        shop.write(*SIX, "gus")
        shop.apply(FRIDAY, foresee=queries.foresee)
        kept = models.Revision.objects.latest("pk").plan["on_call"]
        assert [one["rota"] for one in kept] == ["checkout"]
        assert kept[0]["words"].startswith("checkout: on call now: no change")


def test_a_daily_rota_for_working_hours_counts_what_is_served_and_other_hours_move_nobody(shop):
    """Six people and five working days; the hours in force are kept with the rotation."""

    def daily(**given):
        shop.write(*SIX, covers="working-hours", **given)
        path = shop.folder / "rest.yaml"
        path.write_text(path.read_text().replace("unit: week", "unit: day"))

    thursday = FRIDAY - 1.5 * DAY
    daily()
    shop.apply(thursday)
    days = [on_call(MONDAY + n * DAY) for n in range(12)]
    served = [days[n] for n in (0, 1, 2, 3, 4, 7)]
    assert sorted(served) == sorted(SIX)
    assert days[4] == days[5] == days[6]
    before = on_call(thursday + DAY)
    daily(hours="  workingHours: {days: [mon, tue, wed]}\n")
    (said,) = shop.plan(thursday + DAY).on_call
    assert (said["on_call_now"]["before"], said["on_call_now"]["after"]) == (
        {"slug": before, "name": before.title()},
        {"slug": before, "name": before.title()},
    )
    shop.apply(thursday + DAY)
    assert on_call(thursday + DAY) == before
    document = models.RotaVersion.objects.latest("starts_at").document
    assert document["rotation"]["asked"]["days"] == [0, 1, 2]


def test_an_override_that_no_longer_meets_its_shift_is_named_and_found(shop):
    actions.add_override(
        rota="checkout",
        person="cem",
        replaces="ben",
        starts_at=datetime(2026, 12, 15, 9, tzinfo=UTC),
        ends_at=datetime(2026, 12, 16, 9, tzinfo=UTC),
        reason="wedding",
        by="ann",
        now=FRIDAY,
    )
    assert shop.plan(FRIDAY).problems == ()
    shop.write("ann", "cem", "dee", "eve", "fay")
    plan = shop.plan(FRIDAY)
    (said,) = plan.on_call
    (idle,) = said["idle_overrides"]
    assert idle["took_a_shift_until_now"]
    assert idle["words"] == (
        "The override of Cem for Ben from Tue 15 Dec 2026 09:00 to Wed 16 Dec 2026 09:00 "
        "Europe/London takes nobody's shift: Ben is not on call in that time. "
        "Cancel it, or make one that meets the shift."
    )
    shop.apply(FRIDAY, foresee=queries.foresee)
    (found,) = findings_of(kind="rota", slug="checkout")
    assert (found.rule, found.message) == ("override-idle", idle["words"])
    assert rules.idle_overrides(rota=load(), at=FRIDAY) != []
    shop.apply(datetime(2026, 12, 16, 9, tzinfo=UTC), foresee=queries.foresee)
    assert findings_of(kind="rota", slug="checkout") == ()


def test_an_override_over_whoever_has_the_turn_is_named_when_the_turn_is_anothers(shop):
    actions.add_override(
        rota="checkout",
        person="eve",
        starts_at=datetime(2026, 12, 15, 9, tzinfo=UTC),
        ends_at=datetime(2026, 12, 16, 9, tzinfo=UTC),
        reason="Ben is at a wedding",
        by="ben",
        now=FRIDAY,
    )
    shop.write(*SIX, "gus")
    assert shop.plan(FRIDAY).problems == ()
    shop.write("ben", "cem", "dee", "eve", "fay")
    (problem,) = shop.plan(FRIDAY).problems
    assert "takes the turn of Cem now; it was made over that of Ben." in problem.message


@pytest.mark.django_db(transaction=True)
def test_an_installation_of_before_keeps_everybody_where_they_are(shop):
    """The migration adds where the order goes on; versions that are there count as they did."""
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    expected = weeks(BEGUN, count=30)
    executor.migrate([("catalogue", "0004_service_telemetry")])
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "catalogue_rotaversion")
    assert "carried" not in {one.name for one in columns}
    old = executor.loader.project_state([("catalogue", "0004_service_telemetry")]).apps
    version = old.get_model("catalogue", "RotaVersion").objects.get()
    version.ends_at = BEGUN + 30 * DAY
    version.save()
    old.get_model("catalogue", "RotaVersion").objects.create(
        rota_id=version.rota_id, document=version.document, starts_at=version.ends_at
    )
    executor = MigrationExecutor(connection)
    executor.migrate(latest)
    assert weeks(BEGUN, count=30) == expected
    shop.write(*SIX, "gus")
    shop.apply(FRIDAY)
    assert weeks(BEGUN, count=30)[:11] == expected[:11]
