"""The portal's template words. Times come out as `<time>` in the reader's zone, named."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from andon.alerts.types import AlertKind
from andon.catalogue import rules as catalogue
from andon.catalogue.rules.cover import WORDS as COVERS
from andon.catalogue.types import Cover
from andon.core import folding, wire
from andon.core import money as amounts
from andon.core.money import Money
from andon.core.periods import say_wall
from andon.core.words import say_count, say_share, say_span
from andon.planning.queries.moves import ServiceMove
from andon.planning.rules import proviso
from andon.web.portal.charts import Point
from andon.web.portal.forms import written
from andon.web.portal.icons import ICONS

register = template.Library()

#: state -> (words, icon, tone)
_STATES = {
    "open": ("Open", "fire", "fire"),
    "down": ("Down", "fire", "fire"),
    "unheard": ("Not known", "dash", "quiet"),
    "degraded": ("Degraded", "warn", "warm"),
    "acknowledged": ("Acknowledged", "eye", "warm"),
    "restored": ("Restored", "check", "calm"),
    "closed": ("Closed", "square", "quiet"),
    "held": ("Held", "pause", "warm"),
    "untaken": ("Not acknowledged", "bell", "warm"),
    "exercise": ("Exercise", "flag", "drill"),
    "test": ("Test", "flag", "drill"),
    "paging": ("Paging", "bell", "fire"),
    "unanswered": ("Unanswered", "warn", "fire"),
    "resolved": ("Resolved", "check", "calm"),
    "firing": ("Firing", "fire", "fire"),
    "ok": ("OK", "check", "calm"),
    "lost": ("Target lost", "fire", "fire"),
    "retired": ("Retired", "square", "quiet"),
    "pending": ("Waiting to be sent", "pause", "warm"),
    "sending": ("Sending", "bell", "warm"),
    "sent": ("Sent", "check", "calm"),
    "pays": ("Cover pays", "check", "calm"),
    "does-not-pay": ("Cover does not pay", "dash", "quiet"),
    "shows": ("Shows", "warn", "warm"),
    "clear": ("Clear", "check", "calm"),
    "unmeasured": ("Not measured yet", "dash", "quiet"),
    "failed": ("Failed", "warn", "fire"),
    "idle": ("Without effect", "warn", "warm"),
    "healthy": ("Healthy", "check", "calm"),
    "watchful": ("Watchful", "eye", "warm"),
    "low": ("Low", "warn", "warm"),
    "exhausted": ("Exhausted", "fire", "fire"),
    "unknown": ("Not measured", "dash", "quiet"),
    "applied": ("Applied", "check", "calm"),
    "unproven": ("Unproven", "warn", "fire"),
    "rolled-back": ("Rolled back", "warn", "fire"),
    "refused": ("Refused", "warn", "fire"),
    "cancelled": ("Cancelled", "dash", "quiet"),
    "fresh": ("Fresh", "check", "calm"),
    "stale": ("Stale", "warn", "fire"),
    "never": ("Never ran", "warn", "fire"),
}
#: kind of a timeline's line -> how its dot looks
_TONES = {
    "fired": "fire",
    "opened": "fire",
    "reopened": "fire",
    "unanswered": "fire",
    "undelivered": "fire",
    "delivered": "calm",
    "acknowledged": "warm",
    "held": "warm",
    "resolved": "calm",
    "restored": "calm",
    "closed": "calm",
}
#: cover -> the colour of its points; their shapes differ too
_COVER_COLOURS = {"team": "p1", "domain": "p2", "none": "p3"}


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None) -> str:
    """Return an instant in the reader's zone with the zone's name."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}">{}</time>', wire.instant(at), say_wall(local, now=context["now"])
    )


@register.simple_tag(takes_context=True)
def clock(context: Context, at: datetime | None) -> str:
    """Return the time of day with seconds, with the day in front when it is not today."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    today = local.date() == timezone.localtime(context["now"]).date()
    text = f"{local:%H:%M:%S}" if today else f"{local.day} {local:%b} {local:%H:%M:%S}"
    full = say_wall(local, now=context["now"])
    return format_html('<time datetime="{}" title="{}">{}</time>', wire.instant(at), full, text)


@register.simple_tag(takes_context=True)
def age(context: Context, at: datetime | None) -> str:
    """Return how long ago an instant was; the instant itself is in the title."""
    if at is None:
        return ""
    full = say_wall(timezone.localtime(at), now=context["now"])
    text = say_span(max(context["now"] - at, timedelta(0)))
    return format_html('<time datetime="{}" title="{}">{}</time>', wire.instant(at), full, text)


@register.filter
def span(value: timedelta | None) -> str:
    """Return a length in words."""
    return "" if value is None else say_span(value)


@register.filter
def left(value: timedelta | None) -> str:
    """Return what is left of an allowance in words; an allowance that is used up says so."""
    return "none" if value == timedelta(0) else span(value)


@register.filter
def money(value: Money | None) -> str:
    """Return an amount of money as people write it."""
    return "" if value is None else str(value)


@register.filter
def expected(value: Money, rests: str) -> str:
    """Return an expected loss, round where it rests on what nobody declared: say so beside it."""
    return proviso.shown(amount=value, proviso=rests)


@register.filter
def target(ppm: int | None) -> str:
    """Return an availability target as a percentage."""
    return "" if ppm is None else catalogue.format_target(ppm)


@register.filter
def share(value: Decimal | float | None) -> str:
    """Return a share as a percentage."""
    return "" if value is None else say_share(value)


@register.filter
def plain(value: Decimal | None) -> str:
    """Return a number with two decimals at most: `12`, `0.25`."""
    return "" if value is None else f"{round(value, 2).normalize():f}"


@register.filter
def change(value: Money) -> str:
    """Return an amount that is added or taken away, with its sign."""
    return amounts.change(value)


@register.filter
def said(cover: str) -> str:
    """Return a cover in words."""
    return COVERS[Cover(cover)]


@register.filter
def move_path(kind: str) -> str:
    """Return a kind of proposal as it stands in addresses."""
    return str(kind).replace(" ", "-")


@register.filter
def address(move: ServiceMove) -> str:
    """Return a move as the planner's addresses carry it."""
    return written(move)


@register.filter
def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `{{ 3|counted:"incident" }}`; `one,many` for odd plurals."""
    one, _, many = noun.partition(",")
    return say_count(number, one, many)


@register.filter
def web_link(url: str) -> str:
    """Return an address if it is safe to link to, else nothing: no `javascript:`."""
    return url if urlsplit(url).scheme in ("http", "https", "mailto") else ""


@register.simple_tag
def points(found: Sequence[Point]) -> SafeString:
    """Return the points of a chart, each with its figures in words and, if it fits, its name.

    A template's loop is slower.
    """
    dots = format_html_join(
        "",
        '<use class="dot {}" href="#dot-{}" x="{}" y="{}"><title>{}</title></use>',
        ((_COVER_COLOURS[one.kind], one.kind, one.x, one.y, one.words) for one in found),
    )
    names = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}" dominant-baseline="middle">{}</text>',
        (
            (
                one.x - 12 if one.at_end else one.x + 12,
                one.y,
                "end" if one.at_end else "start",
                one.label,
            )
            for one in found
            if one.label
        ),
    )
    return dots + names


@register.simple_tag
def marked(text: str, wanted: Sequence[str]) -> SafeString:
    """Return a text in which the words that were looked for are marked."""
    pieces = folding.parts(text, wanted)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", one) if hit else one,) for one, hit in pieces)
    )


@register.filter
def tone(kind: str) -> str:
    """Return how a line of a timeline looks; what it says never depends on it."""
    return _TONES.get(kind, "")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return a small picture that assistive technology passes over."""
    return _icon(name)


@register.simple_tag
def kind(value: str) -> str:
    """Return the badge of an exercise or a test, and nothing for what is real."""
    return "" if value == AlertKind.INCIDENT else state(value)


@register.simple_tag
def state(value: str) -> str:
    """Return a status: a word, a shape and a colour, in that order of importance."""
    text, shape, tone = _STATES.get(str(value), (str(value), "dash", "quiet"))
    return format_html('<span class="state {}">{}{}</span>', tone, _icon(shape), text)


def _icon(name: str) -> SafeString:
    # Only our own constants reach here.
    return mark_safe(  # noqa: S308
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" '
        f'focusable="false">{ICONS[name]}</svg>'
    )
