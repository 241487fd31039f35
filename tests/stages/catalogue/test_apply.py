"""Applying a folder: the plan, one transaction, idempotence, retirement, renames, peak windows."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from andon.catalogue import actions, models, queries, rules
from andon.catalogue.types import Cover, Hardness
from andon.core.models import AuditEntry
from andon.core.periods import Period
from andon.people import actions as people
from andon.people import queries as people_queries
from andon.people.models import ContactMethod, Membership, Person, Team

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "catalogue"))


def edit(folder: Path, name: str, old: str, new: str, *, count: int = -1) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, count))


def apply(path: Path, now: datetime = NOW) -> actions.Plan:
    return actions.apply_folder(path=path, by="test", now=now)


def said(plan: actions.Plan) -> list[tuple[str, str, str]]:
    return [(str(one.act), one.kind, one.slug) for one in plan.changes]


def cover(slug: str, at: datetime) -> Cover:
    service = queries.find_service(slug=slug)
    assert service is not None
    return rules.cover_at(service=service, organisation=queries.organisation(), at=at).cover


class TestAFirstApply:
    def test_it_writes_everything_with_a_revision_and_an_audit_entry(self):
        plan = apply(EXAMPLE)
        assert set(plan.counts()) == {"added"}
        counts = [
            model.objects.count()
            for model in (models.Service, Team, Person, models.Domain, models.Resource)
        ]
        assert counts == [10, 11, 44, 3, 2]
        assert models.Rota.objects.count() == models.RotaVersion.objects.count() == 12
        assert models.Revision.objects.get().plan["counts"] == plan.counts()
        assert AuditEntry.objects.get().subject == f"catalogue:{plan.revision}"

    def test_the_covers_are_those_of_fruits_r_us(self):
        apply(EXAMPLE)
        slugs = [row.slug for row in queries.list_services(at=NOW)]
        assert {slug: str(cover(slug, NOW)) for slug in slugs} == {
            "checkout": "team",
            "product": "team",
            **{f"fulfilment-{n}": "domain" for n in range(1, 5)},
            **{f"stock-{n}": "none" for n in range(1, 5)},
        }

    def test_dependencies_are_hard_unless_called_soft(self):
        apply(EXAMPLE)
        service = queries.find_service(slug="checkout")
        assert service is not None
        links = queries.dependencies_of(service_id=service.id)
        assert {(one.kind, one.slug): one.hardness for one in links} == {
            ("database", "checkout-database"): Hardness.HARD,
            ("service", "product"): Hardness.HARD,
            ("service", "fulfilment-3"): Hardness.SOFT,
            ("service", "stock-1"): Hardness.SOFT,
        }
        needing = queries.dependants_of(service_id=service.id)
        assert [one.slug for one in needing] == ["fulfilment-4"]

    def test_people_have_addresses_and_no_usable_password(self):
        apply(EXAMPLE)
        ann = people_queries.contacts(slugs=["ann"])["ann"]
        assert [(str(one.kind), one.address) for one in ann.contacts] == [
            ("email", "ann@fruits.example")
        ]
        assert not Person.objects.get(slug="ann").has_usable_password()

    def test_a_dry_run_writes_nothing(self):
        plan = actions.apply_folder(path=EXAMPLE, by="test", now=NOW, dry_run=True)
        assert plan.revision is None
        assert plan.counts()["added"] > 80
        assert not models.Service.objects.exists()
        assert not models.Revision.objects.exists()


class TestASecondApply:
    def test_it_has_nothing_to_change(self):
        apply(EXAMPLE)
        again = apply(EXAMPLE, NOW + DAY)
        assert again.is_empty
        assert again.revision is None
        assert models.Revision.objects.count() == 1

    def test_moving_an_entity_inside_its_file_is_no_change_but_is_followed(self, folder):
        apply(folder)
        edit(folder, "stock/stock-1.yaml", "apiVersion", "# moved\n\napiVersion", count=1)
        before = models.Service.objects.get(slug="stock-1").declared_at
        assert apply(folder, NOW + DAY).is_empty
        after = models.Service.objects.get(slug="stock-1").declared_at
        assert (before, after) == ("stock/stock-1.yaml:2", "stock/stock-1.yaml:4")

    def test_a_change_names_the_field_before_and_after(self, folder):
        apply(folder)
        edit(folder, "stock/stock-1.yaml", "title: Stock levels\n", "title: Levels\n")
        (change,) = apply(folder, NOW + DAY).changes
        assert (change.kind, change.slug) == ("service", "stock-1")
        assert dict(change.fields) == {"title": ("Stock levels", "Levels")}

    def test_queries_do_not_grow_with_what_is_unchanged(self, folder):
        apply(folder)
        with CaptureQueriesContext(
            connection,
        ) as small:
            apply(folder, NOW + DAY)
        text = (folder / "stock" / "stock-4.yaml").read_text().partition("---")[0]
        more = "".join(
            "---\n" + text.replace("name: stock-4", f"name: extra-{n}") for n in range(40)
        )
        (folder / "more.yaml").write_text(more)
        apply(folder, NOW + 2 * DAY)
        with CaptureQueriesContext(connection) as large:
            assert apply(folder, NOW + 3 * DAY).is_empty
        assert len(large) == len(small)


class TestErrors:
    def test_with_an_error_nothing_is_applied_and_the_entity_shows_it(self, folder):
        apply(folder)
        edit(folder, "stock/stock-1.yaml", "title: Stock levels\n", "title: Levels\n")
        edit(folder, "stock/stock-2.yaml", '"99.0"', '"99.7"')
        with pytest.raises(actions.UnableToApply) as caught:
            apply(folder, NOW + DAY)
        assert [one.rule for one in caught.value.problems] == ["target-preset"]
        assert models.Service.objects.get(slug="stock-1").title == "Stock levels"
        (finding,) = queries.findings_of(kind="service", slug="stock-2")
        assert (finding.rule, finding.where) == ("target-preset", "stock/stock-2.yaml:9")
        row = queries.list_services(at=NOW, search="stock-2")[0]
        assert (row.errors, row.warnings) == (1, 0)

    def test_a_mended_finding_goes_and_one_that_stays_keeps_its_first_date(self, folder):
        edit(folder, "stock/stock-2.yaml", '"99.0"', '"99.7"')
        for days in (0, 1):
            with pytest.raises(actions.UnableToApply):
                apply(folder, NOW + days * DAY)
        assert [one.seen_at for one in queries.list_findings()] == [NOW]
        edit(folder, "stock/stock-2.yaml", '"99.7"', '"99.0"')
        apply(folder, NOW + 2 * DAY)
        assert queries.list_findings() == ()

    def test_an_empty_folder_retires_nothing(self, folder, tmp_path):
        apply(folder)
        (tmp_path / "empty").mkdir()
        with pytest.raises(actions.UnableToApply):
            apply(tmp_path / "empty", NOW + DAY)
        assert len(queries.list_services(at=NOW, limit=99)) == 10

    def test_a_failure_half_way_leaves_everything_as_it_was(self, folder, monkeypatch):
        apply(folder)
        edit(folder, "stock/stock-1.yaml", "title: Stock levels\n", "title: Levels\n")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE catalogue_revision RENAME TO somewhere_else")
        try:
            with pytest.raises(Exception, match="catalogue_revision"):
                apply(folder, NOW + DAY)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE somewhere_else RENAME TO catalogue_revision")
        assert models.Service.objects.get(slug="stock-1").title == "Stock levels"


class TestRetirement:
    def test_what_disappears_is_retired_answers_during_the_grace_then_lapses(self, folder):
        apply(folder)
        (folder / "stock" / "stock-4.yaml").unlink()
        edit(
            folder,
            "shopping/product.yaml",
            "component:stock-1, component:stock-4",
            "component:stock-1",
        )
        edit(folder, "shopping/product.yaml", "    - component:stock-4\n", "")
        plan = apply(folder, NOW + DAY)
        assert ("removed", "service", "stock-4") in said(plan)
        assert ("removed", "person", "beth") in said(plan)
        assert len(queries.list_services(at=NOW, limit=99)) == 9
        assert "stock-4" in queries.find_service_ids(refs=["stock-4"])
        assert people_queries.contacts(slugs=["beth"]) == {}
        rota = models.RotaVersion.objects.get(rota__slug="stock-4")
        assert rota.ends_at == NOW + DAY
        assert apply(folder, NOW + 90 * DAY).is_empty
        lapsed = apply(folder, NOW + 91 * DAY)
        assert said(lapsed) == [("lapsed", "service", "stock-4")]
        assert queries.find_service_ids(refs=["stock-4"]) == {}
        assert models.Service.objects.filter(slug="stock-4").exists()

    def test_what_comes_back_is_restored(self, folder, tmp_path):
        apply(folder)
        kept = tmp_path / "stock-4.yaml"
        shutil.move(folder / "stock" / "stock-4.yaml", kept)
        product = (folder / "shopping" / "product.yaml").read_text()
        edit(folder, "shopping/product.yaml", ", component:stock-4", "")
        edit(folder, "shopping/product.yaml", "    - component:stock-4\n", "")
        apply(folder, NOW + DAY)
        shutil.move(kept, folder / "stock" / "stock-4.yaml")
        (folder / "shopping" / "product.yaml").write_text(product)
        plan = apply(folder, NOW + 2 * DAY)
        assert ("restored", "service", "stock-4") in said(plan)
        assert people_queries.contacts(slugs=["beth"]).keys() == {"beth"}
        versions = models.RotaVersion.objects.filter(rota__slug="stock-4").order_by("starts_at")
        assert [(one.starts_at, one.ends_at) for one in versions] == [
            (NOW, NOW + DAY),
            (NOW + 2 * DAY, None),
        ]
        assert apply(folder, NOW + 3 * DAY).is_empty

    def test_people_made_by_hand_and_their_own_addresses_stay(self, folder):
        people.create_person(slug="admin", name="Admin", now=NOW, by="test", is_superuser=True)
        apply(folder)
        ann = Person.objects.get(slug="ann")
        ContactMethod.objects.create(
            person=ann, kind="ntfy", address="https://ntfy.sh/ann", position=9, source="person"
        )
        edit(folder, "shopping/checkout.yaml", "email: ann@fruits", "email: ann.f@fruits")
        plan = apply(folder, NOW + DAY)
        assert said(plan) == [("changed", "person", "ann")]
        found = people_queries.contacts(slugs=["ann", "admin"], whole=True)
        assert [one.address for one in found["ann"].contacts] == [
            "ann.f@fruits.example",
            "https://ntfy.sh/ann",
        ]
        assert "admin" in found

    def test_a_file_that_names_somebody_made_by_hand_takes_them_over_with_their_password(self):
        people.create_person(
            slug="ann", name="A", now=NOW, by="test", password="correct horse battery"
        )
        apply(EXAMPLE)
        ann = Person.objects.get(slug="ann")
        assert (ann.name, ann.source) == ("Ann Fletcher", "catalogue")
        assert ann.check_password("correct horse battery")


class TestRenames:
    def alias(self, folder: Path, name: str, aliases: str) -> None:
        old = "    andon.dev/availability-target"
        edit(folder, name, old, f"    andon.dev/aliases: {aliases}\n{old}")

    def test_a_renamed_service_keeps_its_row_and_its_old_name(self, folder):
        apply(folder)
        pk = models.Service.objects.get(slug="stock-4").pk
        old = "name: stock-4\n  title: Shelf prices\n"
        edit(folder, "stock/stock-4.yaml", old, old.replace("stock-4", "markdown"))
        self.alias(folder, "stock/stock-4.yaml", "stock-4, prices")
        for old in (", component:stock-4", "- component:stock-4"):
            edit(folder, "shopping/product.yaml", old, old.replace("stock-4", "markdown"))
        plan = apply(folder, NOW + DAY)
        assert ("renamed", "service", "markdown") in said(plan)
        assert models.Service.objects.get(slug="markdown").pk == pk
        refs = ["markdown", "stock-4", "PRICES", "other"]
        assert queries.find_service_ids(refs=refs) == {"markdown": pk, "stock-4": pk, "PRICES": pk}
        service = queries.find_service(slug="Stock-4")
        assert service is not None
        assert service.slug == "markdown"
        assert apply(folder, NOW + 2 * DAY).is_empty

    def test_a_name_that_moved_beats_the_retired_service_that_had_it(self, folder):
        apply(folder)
        (folder / "stock" / "stock-3.yaml").unlink()
        self.alias(folder, "stock/stock-2.yaml", "stock-3")
        apply(folder, NOW + DAY)
        pk = models.Service.objects.get(slug="stock-2").pk
        assert queries.find_service_ids(refs=["stock-3"]) == {"stock-3": pk}

    def test_a_renamed_team_keeps_its_services_and_rotas(self, folder):
        apply(folder)
        pk = Team.objects.get(slug="checkout").pk
        old = "name: checkout\n  title: Checkout team\n  annotations:\n"
        new = old.replace("name: checkout", "name: tills") + "    andon.dev/aliases: checkout\n"
        edit(folder, "shopping/checkout.yaml", old, new)
        for old in ("owner: checkout", "team: checkout", "memberOf: [checkout]"):
            edit(folder, "shopping/checkout.yaml", old, old.replace("checkout", "tills"))
        plan = apply(folder, NOW + DAY)
        assert ("renamed", "team", "tills") in said(plan)
        assert models.Service.objects.get(slug="checkout").owner_id == pk
        assert Membership.objects.filter(team_id=pk).count() == 6


class TestEffectiveDates:
    def test_a_changed_target_ends_the_old_one_and_begins_the_new_one_now(self, folder):
        apply(folder)
        edit(folder, "fulfilment/fulfilment-1.yaml", '"99.5"', '"99.0"')
        edit(folder, "fulfilment/fulfilment-1.yaml", "GBP 18000", "GBP 3000")
        apply(folder, NOW + DAY)
        rows = models.AvailabilityTarget.objects.filter(service__slug="fulfilment-1")
        assert [(r.ppm, r.starts_at, r.ends_at) for r in rows.order_by("starts_at")] == [
            (995_000, NOW, NOW + DAY),
            (990_000, NOW + DAY, None),
        ]
        before = NOW + DAY - timedelta(microseconds=1)
        assert [cover("fulfilment-1", at) for at in (before, NOW + DAY)] == [
            Cover.DOMAIN,
            Cover.NONE,
        ]

    def test_a_target_changed_twice_at_one_instant_leaves_no_empty_row(self, folder):
        apply(folder)
        edit(folder, "fulfilment/fulfilment-1.yaml", '"99.5"', '"99.0"')
        apply(folder)
        rows = models.AvailabilityTarget.objects.filter(service__slug="fulfilment-1")
        assert [(row.ppm, row.starts_at) for row in rows] == [(990_000, NOW)]

    def peak(self, folder: Path, window: str) -> None:
        old = "    andon.dev/availability-target"
        new = f"    andon.dev/peak-windows: {window}\n{old}"
        edit(folder, "fulfilment/fulfilment-3.yaml", old, new)
        edit(folder, "fulfilment/fulfilment-3.yaml", "covers: working-hours", "covers: always")

    def test_a_peak_window_raises_cover_from_local_midnight_to_local_midnight(self, folder):
        self.peak(folder, "2026-03-20/2026-04-01=99.9, 2027-03-25/2027-04-01=99.9")
        apply(folder)
        # The second window starts in winter time and ends in summer time; the first is over.
        edges = [datetime(2027, 3, 25, 0, 0, tzinfo=UTC), datetime(2027, 3, 31, 23, 0, tzinfo=UTC)]
        tick = timedelta(microseconds=1)
        found = [cover("fulfilment-3", at) for edge in edges for at in (edge - tick, edge)]
        assert found == [Cover.DOMAIN, Cover.TEAM, Cover.TEAM, Cover.DOMAIN]
        assert models.AvailabilityTarget.objects.filter(kind="peak").count() == 1
        assert apply(folder, NOW + DAY).is_empty

    def test_a_running_window_stays_as_it_was_and_ends_when_it_is_taken_out(self, folder):
        self.peak(folder, "2026-11-01/2026-11-10=99.9")
        apply(folder)
        assert apply(folder, NOW + DAY).is_empty
        edit(folder, "fulfilment/fulfilment-3.yaml",
             "    andon.dev/peak-windows: 2026-11-01/2026-11-10=99.9\n", "")  # fmt: skip
        (change,) = apply(folder, NOW + 2 * DAY).changes
        assert list(change.fields) == ["peaks"]
        row = models.AvailabilityTarget.objects.get(kind="peak")
        assert (row.starts_at, row.ends_at) == (NOW, NOW + 2 * DAY)

    def test_a_window_that_raises_cover_without_a_rota_is_refused(self, folder):
        self.peak(folder, "2027-11-25/2027-12-01=99.9")
        edit(folder, "fulfilment/fulfilment-3.yaml", "covers: always", "covers: working-hours")
        with pytest.raises(actions.UnableToApply) as caught:
            apply(folder)
        assert [one.rule for one in caught.value.problems] == ["peak-cover"]

    def test_a_changed_rota_begins_a_new_version_and_the_past_stays(self, folder):
        apply(folder)
        edit(folder, "shopping/checkout.yaml", "    - ann\n    - ben\n", "    - ben\n    - ann\n")
        apply(folder, NOW + DAY)
        versions = models.RotaVersion.objects.filter(rota__slug="checkout").order_by("starts_at")
        people = [one.document["rotation"]["participants"][:2] for one in versions]
        assert people == [["ann", "ben"], ["ben", "ann"]]
        assert [(one.starts_at, one.ends_at) for one in versions] == [
            (NOW, NOW + DAY),
            (NOW + DAY, None),
        ]


class TestOwnership:
    def test_a_service_that_moves_keeps_whose_it_was(self, folder: Path):
        apply(folder)
        assert models.Ownership.objects.count() == 10 + 3 + 12
        edit(folder, "stock/stock-1.yaml", "owner: stock-1", "owner: stock-2")
        later = NOW + 9 * DAY
        apply(folder, later)
        apply(folder, later + DAY)
        service = models.Service.objects.get(slug="stock-1")
        parts = models.Ownership.objects.filter(service=service).order_by("starts_at")
        assert [(one.owner.slug, one.starts_at, one.ends_at) for one in parts] == [
            ("stock-1", NOW, later),
            ("stock-2", later, None),
        ]
        assert models.Ownership.objects.count() == 10 + 3 + 12 + 1
        found = queries.owners_during(period=Period(NOW - DAY, NOW + 20 * DAY))
        slugs = dict(Team.objects.values_list("pk", "slug"))
        assert [(period, slugs[one.owner_id]) for period, one in found.services[service.pk]] == [
            (Period(NOW - DAY, later), "stock-1"),
            (Period(later, NOW + 20 * DAY), "stock-2"),
        ]
        assert found.changes() == [later]

    def test_what_changes_twice_at_one_instant_was_never_the_first(self, folder: Path):
        apply(folder)
        for owner in ("stock-2", "stock-3"):
            text = (folder / "stock/stock-1.yaml").read_text()
            owned = re.sub(r"owner: \S+", f"owner: {owner}", text, count=1)
            (folder / "stock/stock-1.yaml").write_text(owned)
            apply(folder, NOW + DAY)
        parts = models.Ownership.objects.filter(service__slug="stock-1").order_by("starts_at")
        assert [one.owner.slug for one in parts] == ["stock-1", "stock-3"]
