"""Tables obey the same arrow as imports; migrations are linear and complete."""

from collections.abc import Iterable, Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test.utils import isolate_apps

from tests.support.tree import layers


def rank(package: str) -> int:
    """Return how high a package stands; core is 0."""
    for height, names in enumerate(reversed(layers())):
        if package in names:
            return height
    raise LookupError(package)


def package_of(model: type[models.Model]) -> str | None:
    """Return the package of Andon that a model belongs to, or None for another's."""
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "andon" else None


def faults(tables: Iterable[type[models.Model]]) -> Iterator[str]:
    """Yield every relation that points up, sideways, or leaves a name behind in another package."""
    for model in tables:
        ours = package_of(model)
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            theirs = package_of(field.related_model) if field.is_relation else None
            if ours is None or theirs is None or ours == theirs:
                continue
            if rank(theirs) >= rank(ours):
                yield f"{field}: {ours} may not refer to {theirs}"
            if not (field.remote_field.related_name or "").endswith("+"):
                yield f"{field}: across packages, related_name must be '+'"


def our_tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if package_of(model)]


def test_foreign_keys_point_down_and_leave_no_name_behind() -> None:
    assert list(faults(our_tables())) == []


@isolate_apps("andon.core", "andon.people", "andon.incidents")
def test_a_planted_foreign_key_is_found() -> None:
    class Upwards(models.Model):
        __module__ = "andon.people.models"
        incident = models.ForeignKey(
            "incidents.Incident", on_delete=models.CASCADE, related_name="+"
        )

        class Meta:
            app_label = "people"

    class Named(models.Model):
        __module__ = "andon.incidents.models"
        person = models.ForeignKey("people.Person", on_delete=models.CASCADE)

        class Meta:
            app_label = "incidents"

    class Incident(models.Model):
        __module__ = "andon.incidents.models"

        class Meta:
            app_label = "incidents"

    class Person(models.Model):
        __module__ = "andon.people.models"

        class Meta:
            app_label = "people"

    assert list(faults([Upwards])) == ["people.Upwards.incident: people may not refer to incidents"]
    assert list(faults([Named])) == [
        "incidents.Named.person: across packages, related_name must be '+'"
    ]
    assert list(faults([Incident, Person])) == []


def test_no_model_overrides_save_or_delete() -> None:
    overriding = [model.__name__ for model in our_tables() if {"save", "delete"} & set(vars(model))]
    assert overriding == []


LOADER = MigrationLoader(None, ignore_no_migrations=True)
OUR_APPS = sorted({model._meta.app_label for model in our_tables()}) if apps.ready else []


@pytest.mark.parametrize("app", OUR_APPS)
def test_migrations_are_linear(app: str) -> None:
    ours = {key: node for key, node in LOADER.disk_migrations.items() if key[0] == app}
    assert ours, f"{app} has tables but no migrations"
    parents = {
        key: [parent for parent in node.dependencies if parent[0] == app]
        for key, node in ours.items()
    }
    assert all(len(each) <= 1 for each in parents.values())
    assert sum(not each for each in parents.values()) == 1
    followed = [parent for each in parents.values() for parent in each]
    assert len(followed) == len(set(followed)), "two migrations follow the same one"


def test_migrations_are_complete() -> None:
    detector = MigrationAutodetector(LOADER.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=LOADER.graph)
    missing = {app: [str(each) for each in changes[app]] for app in changes if app in OUR_APPS}
    assert missing == {}
