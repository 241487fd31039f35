"""Operator screens: people's rights and own addresses. What the files declare follows the files."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from andon.core import clock
from andon.people import models, rules
from andon.people.types import CONTACT_KINDS


class ContactMethodForm(forms.ModelForm):  # type: ignore[type-arg]
    """An address: whole while it is written, masked and fixed ever after."""

    kind = forms.ChoiceField(choices=lambda: [(name, name) for name in CONTACT_KINDS.names()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance
        if kept.pk is None:
            return
        self.initial["address"] = rules.masked(kind=kept.kind, address=kept.address)
        self.initial["fault"] = rules.said_of(kept.fault, address=kept.address)
        for name in ("kind", "address"):
            self.fields[name].disabled = True

    def clean_address(self) -> str:
        """Return what is typed for a new address, and what is kept for an old one."""
        kept: str | None = self.instance.address if self.instance.pk else None
        return kept or str(self.cleaned_data["address"])


class ContactMethodInline(admin.TabularInline):  # type: ignore[type-arg]
    """A person's addresses. To change one, delete it and add another."""

    model = models.ContactMethod
    form = ContactMethodForm
    extra = 0
    fields = ("kind", "address", "position", "source", "fault")


@admin.register(models.Person)
class PersonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """People: rights, and whether they may sign in. Passwords are their own to set."""

    list_display = ("slug", "name", "email", "source", "is_active", "is_staff", "retired_at")
    list_filter = ("is_active", "is_staff", "source")
    search_fields = ("slug", "name", "email")
    fields = (
        "slug",
        "name",
        "email",
        "timezone",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "user_permissions",
        "source",
        "retired_at",
    )
    filter_horizontal = ("groups", "user_permissions")
    inlines = (ContactMethodInline,)

    def get_readonly_fields(
        self,
        request: HttpRequest,
        obj: models.Person | None = None,  # noqa: ARG002
    ) -> tuple[str, ...]:
        """Let only administrators give rights: whoever may edit people could else take them all."""
        fixed = ("source", "retired_at")
        rights = ("is_staff", "is_superuser", "groups", "user_permissions")
        return fixed if request.user.is_superuser else (*fixed, *rights)

    def save_model(
        self,
        request: HttpRequest,
        obj: models.Person,
        form: "forms.ModelForm[models.Person]",
        change: bool,
    ) -> None:
        """Note since when an account is switched off: shifts before that stay as they were."""
        if "is_active" in form.changed_data:
            obj.inactive_at = None if obj.is_active else clock.now()
        super().save_model(request, obj, form, change)

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: models.Person | None = None,  # noqa: ARG002
    ) -> bool:
        """Refuse: shifts and incidents of the past name people."""
        return False


@admin.register(models.Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Teams, as the files declare them."""

    list_display = ("slug", "title", "email", "channel", "retired_at")
    search_fields = ("slug", "title")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Refuse: teams are declared in files."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: models.Team | None = None,  # noqa: ARG002
    ) -> bool:
        """Refuse: the next apply would undo it."""
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: models.Team | None = None,  # noqa: ARG002
    ) -> bool:
        """Refuse: what disappears from the files is retired."""
        return False


@admin.register(models.ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Keys: who has one, and when it was last used. Their text is nowhere to be seen."""

    list_display = (
        "name",
        "hint",
        "person",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_select_related = ("person",)
    exclude = ("digest",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Refuse: a key made here could never be shown."""
        return False
