"""Operator screens: to look, not to edit. The files are the truth; an apply would undo edits."""

import json

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from andon.catalogue import models
from andon.catalogue.rules import plan


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows and changes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Refuse: entities are declared in files."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Refuse: entities are changed in files."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Refuse: what disappears is retired, never deleted."""
        return False


@admin.register(models.Service)
class ServiceAdmin(_ReadOnly):
    """Services."""

    list_display = ("slug", "title", "owner", "domain", "lifecycle", "declared_at", "retired_at")
    list_select_related = ("owner", "domain")
    list_filter = ("lifecycle", "kind", "retired_at")
    search_fields = ("slug", "title", "aliases__alias")


@admin.register(models.Domain)
class DomainAdmin(_ReadOnly):
    """Domains."""

    list_display = ("slug", "title", "kind", "owner", "retired_at")
    list_select_related = ("owner",)


@admin.register(models.Resource)
class ResourceAdmin(_ReadOnly):
    """Resources."""

    list_display = ("slug", "title", "kind", "owner", "retired_at")
    list_select_related = ("owner",)
    search_fields = ("slug", "title")


@admin.register(models.Rota)
class RotaAdmin(_ReadOnly):
    """Rotas."""

    list_display = ("slug", "title", "team", "domain", "covers", "retired_at")
    list_select_related = ("team", "domain")
    search_fields = ("slug", "title")


@admin.register(models.AvailabilityTarget)
class AvailabilityTargetAdmin(_ReadOnly):
    """Targets over time."""

    list_display = ("service", "ppm", "kind", "starts_at", "ends_at")
    list_select_related = ("service",)
    list_filter = ("kind",)
    search_fields = ("service__slug",)


@admin.register(models.Finding)
class FindingAdmin(_ReadOnly):
    """What the last apply found wrong."""

    list_display = ("level", "rule", "kind", "slug", "message", "where", "seen_at")
    list_filter = ("level", "rule", "kind")
    search_fields = ("slug", "message")


@admin.register(models.Revision)
class RevisionAdmin(_ReadOnly):
    """What was applied, without the addresses that older versions kept in plans."""

    exclude = ("plan",)
    readonly_fields = ("changes",)

    @admin.display(description="plan")
    def changes(self, row: models.Revision) -> str:
        """Return the plan as it may be shown."""
        return json.dumps(plan.shown_plan(row.plan), indent=2, default=str)


@admin.register(models.Organisation)
class OrganisationAdmin(_ReadOnly):
    """The organisation's document, without the addresses of its fallback contacts."""

    exclude = ("document",)
    readonly_fields = ("rules",)

    @admin.display(description="document")
    def rules(self, row: models.Organisation) -> str:
        """Return the document as it may be shown."""
        return json.dumps(plan.without_addresses(row.document), indent=2, default=str)
