"""Operator screens: to read, not to edit. What changes the ledger goes through `actions`."""

from typing import Any

from django.contrib import admin

from andon.costing import models


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


@admin.register(models.Posting)
class PostingAdmin(_ReadOnly):
    """The ledger."""

    list_display = ("booked", "kind", "minor", "currency", "service", "team", "person", "evidence")
    list_filter = ("kind", "tag", "booked")
    search_fields = ("evidence", "service__slug", "team__slug", "person__slug")
    list_select_related = ("service", "team", "person")


@admin.register(models.LedgerMonth)
class LedgerMonthAdmin(_ReadOnly):
    """The books."""

    list_display = ("first", "posted_at", "closed_at", "closed_by")


@admin.register(models.WorkedTime)
class WorkedTimeAdmin(_ReadOnly):
    """Corrected hours."""

    list_display = ("incident", "person", "starts_at", "ends_at", "reason", "by", "at")
    list_select_related = ("incident", "person")


@admin.register(models.TakenBack)
class TakenBackAdmin(_ReadOnly):
    """What was taken back by hand and is not posted again."""

    list_display = ("source", "month", "reason", "by", "at")
