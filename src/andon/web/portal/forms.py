"""What people may type into the portal."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from andon.alerts.types import KeyKind


class OverrideForm(forms.Form):
    """Who takes a rota, from when until when, and why. Times are the reader's own."""

    person = forms.SlugField(max_length=63, label="Who takes it")
    starts_at = forms.DateTimeField(label="From")
    ends_at = forms.DateTimeField(label="Until")
    reason = forms.CharField(max_length=500, label="Why")

    def __init__(self, *args: object, zone: ZoneInfo, **kwargs: object) -> None:
        with timezone.override(zone):
            super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.zone = zone

    def full_clean(self) -> None:
        """Read times in the reader's zone, whatever the server's is."""
        with timezone.override(self.zone):
            super().full_clean()

    def clean(self) -> dict[str, object]:
        """Refuse an end before its start."""
        cleaned: dict[str, object] = super().clean() or {}
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if isinstance(starts, datetime) and isinstance(ends, datetime) and ends <= starts:
            self.add_error("ends_at", "It has to end after it starts.")
        return cleaned


class KeyForm(forms.Form):
    """A new integration key."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in KeyKind])
    service = forms.SlugField(max_length=63, required=False)
