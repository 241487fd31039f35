"""What people may type into the portal."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import slugify

from andon.alerts.types import KEY_KINDS
from andon.catalogue.rules import UnreadableTarget, format_target, parse_target
from andon.catalogue.types import Cover
from andon.oncall import rules as oncall
from andon.planning.queries.moves import ServiceMove
from andon.planning.types import Portfolio


class PortalForm(forms.Form):
    """A form whose fields have their own names as ids, as the portal's templates write them."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"auto_id": "%s", **kwargs})  # type: ignore[arg-type]


class WallTimeField(forms.Field):
    """A date and time as a clock on the wall shows it, or with its offset from UTC."""

    def to_python(self, value: object) -> Any:
        """Return it as it was written: without a zone, unless it names an offset."""
        if value in self.empty_values:
            return None
        try:
            found = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise forms.ValidationError("Enter a valid date and time.") from None
        if not 1970 < found.year < 2200:
            raise forms.ValidationError("Enter a date of this century.")
        return found


class OverrideForm(PortalForm):
    """Who takes a rota, from when until when, and why. Times are the reader's own."""

    person = forms.CharField(max_length=254, label="Who takes it")
    starts_at = WallTimeField(label="From")
    ends_at = WallTimeField(label="Until")
    #: Asked for when clocks show a time twice.
    occurrence = forms.ChoiceField(
        label="Which of the two",
        required=False,
        choices=[("first", "the first"), ("second", "the second, after the clocks go back")],
    )
    reason = forms.CharField(max_length=500, label="Why")
    #: Codes of what was asked and agreed to.
    agreed = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, zone: ZoneInfo, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        #: Whether a time stands there that clocks show twice.
        self.asks_which = False

    def clean(self) -> dict[str, object]:
        """Read times in the reader's zone; refuse an end before its start."""
        cleaned: dict[str, object] = super().clean() or {}
        for name in ("starts_at", "ends_at"):
            self._read(name)
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if isinstance(starts, datetime) and isinstance(ends, datetime) and ends <= starts:
            self.add_error("ends_at", "It has to end after it starts.")
        return cleaned

    def _read(self, name: str) -> None:
        typed, which = self.cleaned_data.get(name), self.cleaned_data.get("occurrence")
        if typed is None or typed.tzinfo is not None:
            return
        try:
            self.cleaned_data[name] = oncall.instant_from_wall(
                local=typed, timezone=self.zone.key, occurrence=which or None
            )
        except oncall.UnableToReadTime as refused:
            self.asks_which = self.asks_which or refused.data["problem"] == "ambiguous"
            self.add_error(name, f"{refused}.")

    def wanted(self) -> dict[str, Any]:
        """Return what is to be made, without the person, who may be called many things."""
        said = self.cleaned_data
        return {name: said[name] for name in ("starts_at", "ends_at", "reason")}


class KeyForm(PortalForm):
    """A new integration key."""

    name = forms.CharField(max_length=120, label="What sends with it")
    kind = forms.ChoiceField(choices=lambda: [(name, name) for name in KEY_KINDS.names()])
    service = forms.SlugField(max_length=63, required=False, label="Only for the service")


class ApiKeyForm(forms.Form):
    """A new key for the API. Only staff make one that acts for nobody."""

    PERSON, ORGANISATION = "person", "organisation"
    name = forms.CharField(max_length=120, label="What uses it")
    days = forms.ChoiceField(
        label="It ends",
        choices=[
            ("90", "after 90 days"),
            ("30", "after 30 days"),
            ("365", "after a year"),
            ("0", "when it is revoked"),
        ],
    )
    whom = forms.ChoiceField(
        label="It acts for",
        required=False,
        choices=[(PERSON, "you, with your rights"), (ORGANISATION, "the organisation")],
    )

    def __init__(self, *args: object, staff: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not staff:
            del self.fields["whom"]

    def clean(self) -> dict[str, object]:
        """Let a key be one's own unless something else was chosen."""
        cleaned: dict[str, object] = super().clean() or {}
        return {**cleaned, "whom": cleaned.get("whom") or self.PERSON}


class SetUpForm(forms.Form):
    """Who will administer a new Andon."""

    name = forms.CharField(max_length=200, label="Your name")
    email = forms.EmailField(max_length=254, label="Your e-mail address")
    slug = forms.SlugField(max_length=63, required=False, label="Your short name")
    password = forms.CharField(max_length=4096, strip=False, label="Password")
    again = forms.CharField(max_length=4096, strip=False, label="Password, once more")

    def clean(self) -> dict[str, object]:
        """Refuse two passwords that differ."""
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("password") != cleaned.get("again") and "password" in cleaned:
            self.add_error("again", "The two passwords differ.")
        return cleaned

    def wanted(self) -> dict[str, str]:
        """Return what was typed; without a short name, one made of the address."""
        typed = self.cleaned_data
        slug = typed["slug"].lower() or slugify(typed["email"].partition("@")[0].replace(".", "-"))
        return {
            "name": typed["name"],
            "email": typed["email"],
            "slug": slug[:63] or "administrator",
            "password": typed["password"],
        }


class MoveForm(PortalForm):
    """What the planner moves: one service's target, cover and trading week. Empty stays as is."""

    service = forms.CharField(max_length=63, required=False, label="Service")
    target = forms.CharField(max_length=8, required=False, label="Target")
    cover = forms.ChoiceField(
        choices=[("", "as it is"), *((one.value, one.value) for one in Cover)], required=False
    )
    trading = forms.CharField(max_length=500, required=False, label="Trading week")

    def __init__(self, *args: object, portfolio: Portfolio, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.portfolio = portfolio

    @classmethod
    def earlier(cls, text: str, *, portfolio: Portfolio) -> ServiceMove | None:
        """Return the move an address carries, as `written` wrote it; None when it is none."""
        names = ("service", "target", "cover", "trading")
        form = cls(dict(zip(names, text.split(";"), strict=False)), portfolio=portfolio)
        return form.move() if form.is_valid() else None

    @property
    def slug(self) -> str:
        """Return the service that is asked about, in small letters; empty for none."""
        return str(self["service"].value() or "").strip().lower()

    def clean_target(self) -> int | None:
        """Read a target: `99.5`."""
        text = self.cleaned_data["target"]
        try:
            return parse_target(text) if text else None
        except UnreadableTarget as error:
            raise forms.ValidationError(str(error)) from error

    def clean_trading(self) -> str:
        """Keep what separates moves in an address out of them."""
        text: str = self.cleaned_data["trading"]
        if ";" in text:
            raise forms.ValidationError("Separate parts of the week by commas.")
        return text

    def clean_service(self) -> str:
        """Refuse a service that is not in the portfolio."""
        slug = str(self.cleaned_data["service"]).strip().lower()
        if slug and slug not in {one.slug for one in self.portfolio.services}:
            raise forms.ValidationError(f"There is no service {slug!r} that can be planned for.")
        return slug

    def move(self) -> ServiceMove | None:
        """Return the move, or None when nothing would be otherwise."""
        said = self.cleaned_data
        move = ServiceMove(
            slug=said["service"],
            target_ppm=said["target"],
            cover=Cover(said["cover"]) if said["cover"] else None,
            trading_week=said["trading"] or None,
        )
        return move if move.slug and move != ServiceMove(move.slug) else None


def written(move: ServiceMove) -> str:
    """Return a move as an address carries it: `checkout;99.5;domain;`."""
    target = format_target(move.target_ppm).removesuffix("%") if move.target_ppm else ""
    return ";".join((move.slug, target, move.cover or "", move.trading_week or ""))


class FileForm(PortalForm):
    """The catalogue file that declares a service, sent as a file or pasted."""

    MOST = 256 * 1024

    file = forms.FileField(required=False, label="File")
    pasted = forms.CharField(required=False, max_length=MOST, strip=False, label="Its text")

    def clean(self) -> dict[str, object]:
        """Put what was sent, one way or the other, into `text`."""
        cleaned: dict[str, object] = super().clean() or {}
        sent = cleaned.get("file")
        if sent is not None and getattr(sent, "size", 0) > self.MOST:
            raise forms.ValidationError("The file is larger than 256 KiB.")
        try:
            text = sent.read().decode() if sent is not None else cleaned.get("pasted")  # type: ignore[attr-defined]
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The file is not UTF-8 text.") from error
        if not text:
            raise forms.ValidationError("Choose the file, or paste its text.")
        return {**cleaned, "text": str(text).replace("\r\n", "\n")}
