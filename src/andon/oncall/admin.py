"""Operator screens. Overrides are made and ended through actions; here they are only read."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from andon.oncall.models import CalendarFeed, Override

if TYPE_CHECKING:
    from django.http import HttpRequest

    OverrideScreen = admin.ModelAdmin[Override]
    CalendarFeedScreen = admin.ModelAdmin[CalendarFeed]
else:
    # Django's class takes no type argument when it runs.
    OverrideScreen = CalendarFeedScreen = admin.ModelAdmin


class _ReadOnly:
    """Rows that must keep their story: shown, never edited or deleted."""

    def has_add_permission(self, request: "HttpRequest") -> bool:  # noqa: ARG002
        """Refuse: actions add."""
        return False

    def has_change_permission(self, request: "HttpRequest", obj: Any = None) -> bool:  # noqa: ARG002
        """Refuse: actions change."""
        return False

    def has_delete_permission(self, request: "HttpRequest", obj: Any = None) -> bool:  # noqa: ARG002
        """Refuse: the past stays."""
        return False


@admin.register(Override)
class OverrideAdmin(_ReadOnly, OverrideScreen):
    """Who takes which rota, when and why."""

    list_display = ("rota", "person", "replaces", "starts_at", "ends_at", "cancelled_at")
    list_filter = ("rota",)
    list_select_related = ("rota", "person", "replaces")
    search_fields = ("rota__slug", "person__slug", "reason")


@admin.register(CalendarFeed)
class CalendarFeedAdmin(_ReadOnly, CalendarFeedScreen):
    """Calendar addresses by their hint; the secret itself is not stored."""

    list_display = ("hint", "rota", "person", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("rota", "person")
    exclude = ("digest",)
