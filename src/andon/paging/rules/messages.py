"""What a message says. Rendered once, when enqueued, so that a retry never tells another story."""

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from andon.alerts.rules import marked
from andon.alerts.types import AlertKind
from andon.core import wire
from andon.paging.types import Facts, Text

#: What a phone shows of a subject in a list, and more; the whole summary begins the body.
_SUBJECT = 160
_SUMMARY = 1000
_DESCRIPTION = 2000
_A = {AlertKind.EXERCISE: "an exercise", AlertKind.TEST: "a test"}


def page_text(*, facts: Facts, timezone: str) -> Text:
    """Return what a person is told when paged, with times in their own zone."""
    said = _said(facts)
    subject = marked(kind=facts.kind, text=f"[{facts.severity}] {said}")
    lines = [
        marked(kind=facts.kind, text=said[:_SUMMARY]),
        "",
        *([f"Asked again: {one_line(facts.again)}."] if facts.again else []),
        *_what(facts, timezone),
    ]
    return Text(cut(subject, _SUBJECT), "\n".join(lines), _data(facts))


def resolved_text(*, facts: Facts, timezone: str, resolved_at: datetime, by: str) -> Text:
    """Return what those who were paged are told when it is over."""
    when = _say(resolved_at, timezone)
    said = _said(facts)
    subject = marked(kind=facts.kind, text=f"Resolved: {said}")
    lines = [
        marked(kind=facts.kind, text=f"Resolved: {said[:_SUMMARY]}"),
        "",
        f"Over at: {when}{f' ({one_line(by)})' if by else ''}",
        f"Began: {_say(facts.started_at, timezone)}",
        "There is nothing left to acknowledge.",
    ]
    data = {**_data(facts), "resolved_at": wire.instant(resolved_at), "resolved_by": by}
    return Text(cut(subject, _SUBJECT), "\n".join(lines), data)


def fallback_text(*, facts: Facts, timezone: str, why: str, unanswered: bool) -> Text:
    """Return what the organisation's fallback contact is told when nobody else can be."""
    said, mark = _said(facts), "UNANSWERED " if unanswered else ""
    subject = marked(kind=facts.kind, text=f"{mark}[{facts.severity}] {said}")
    lines = [
        marked(kind=facts.kind, text=f"{mark}{said[:_SUMMARY]}"),
        "",
        f"Why you: {one_line(why)}. You are the organisation's fallback contact.",
        *_what(facts, timezone),
    ]
    return Text(cut(subject, _SUBJECT), "\n".join(lines), _data(facts))


def text_of_test(*, name: str, by: str, timezone: str, at: datetime) -> Text:
    """Return what somebody is told by a test of their addresses."""
    when = _say(at, timezone)
    asked = "You asked" if one_line(by) == one_line(name) else f"{one_line(by)} asked"
    lines = [
        "TEST: this is how Andon reaches you.",
        "",
        f"{asked} for this at {when}. Nothing is wrong, and there is nothing to do.",
        "A page comes the same way, as urgent as this: if this did not ring, neither will a page.",
    ]
    data: dict[str, object] = {"test": True, "asked_by": one_line(by), "asked_at": wire.instant(at)}
    return Text("TEST: this is how Andon reaches you", "\n".join(lines), data)


def _said(facts: Facts) -> str:
    """Return service and summary; once, where the summary names the service first."""
    name, summary = one_line(facts.service), one_line(facts.summary)
    rest = summary[len(name) :]
    named = bool(name) and summary.startswith(name)
    if named and not rest[:1].isalnum() and rest[:1] not in ("-", "_"):
        return summary
    return f"{name}: {summary}"


def _what(facts: Facts, timezone: str) -> list[str]:
    lines = [
        f"Severity: {facts.severity}",
        f"Since: {_say(facts.started_at, timezone)}",
    ]
    if not facts.kind.is_real:
        lines.append(f"Money at risk: none, this is {_A[facts.kind]}")
    elif facts.risk_per_minute is not None:
        lines.append(f"Money at risk: up to {facts.risk_per_minute} a minute, if it is fully down")
    else:
        lines.append("Money at risk: nobody has estimated it")
    if facts.labels:
        pairs = (f"{one_line(name)} {one_line(value)}" for name, value in facts.labels)
        lines.append(f"Labels: {', '.join(pairs)}")
    lines.append(f"Decided: {one_line(facts.reason)}")
    if facts.alerts > 1:
        lines.append(f"Alerts so far: {facts.alerts}")
    lines.append(f"Runbook: {one_line(facts.runbook_url) or 'none is declared'}")
    links = [(text, href) for text, href in facts.links if href != facts.runbook_url]
    lines += [f"{one_line(text) or 'Link'}: {one_line(href)}" for text, href in links[:5]]
    if facts.description:
        lines += ["", _prose(facts.description)]
    return lines


def _data(facts: Facts) -> dict[str, object]:
    data: dict[str, object] = {
        "service": facts.service,
        "summary": facts.summary,
        "severity": facts.severity,
        "started_at": wire.instant(facts.started_at),
        "reason": facts.reason,
        "risk_per_minute": wire.money(facts.risk_per_minute) if facts.risk_per_minute else None,
        "runbook_url": facts.runbook_url,
        "labels": dict(facts.labels),
        "kind": str(facts.kind),
        "test": facts.kind is AlertKind.TEST,
        "exercise": facts.kind is AlertKind.EXERCISE,
    }
    return data | ({"alerts": facts.alerts} if facts.alerts else {})


def _say(at: datetime, timezone: str) -> str:
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M} {timezone}"


def one_line(text: str) -> str:
    """Return a monitor's text as one line, without control characters that smuggle headers."""
    if text.isascii() and text.isprintable():
        return text
    return " ".join("".join(" " if _is_control(c) else c for c in text).split())


def _prose(text: str) -> str:
    cleaned = "".join(c for c in text if c == "\n" or not _is_control(c))
    return cut(cleaned.strip(), _DESCRIPTION)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")


def cut(text: str, length: int) -> str:
    """Return a text of so many characters at most; what is left out shows as dots."""
    return text if len(text) <= length else text[: length - 3] + "..."
