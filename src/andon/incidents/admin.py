"""Operator screens: to read, not to edit. What changes an incident goes through `actions`."""

from typing import Any

from django.contrib import admin

from andon.incidents import models


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows and changes none."""

    def has_add_permission(self, *_: Any, **__: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, *_: Any, **__: Any) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, *_: Any, **__: Any) -> bool:
        """Refuse."""
        return False


@admin.register(models.Incident)
class IncidentAdmin(_ReadOnly):
    """All incidents."""

    list_display = ("number", "title", "service", "state", "severity", "started_at", "restored_at")
    list_filter = ("state", "severity", "major")
    search_fields = ("number", "title", "service__slug")
    list_select_related = ("service",)
    date_hierarchy = "opened_at"


@admin.register(models.TimelineEntry)
class TimelineEntryAdmin(_ReadOnly):
    """What was written down."""

    list_display = ("incident", "at", "kind", "actor", "text")
    list_filter = ("kind",)
    search_fields = ("incident__number", "text", "actor")
    list_select_related = ("incident",)
