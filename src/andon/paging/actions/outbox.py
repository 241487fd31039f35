"""What a batch decided, gathered in memory and written in a handful of statements."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Count, F

from andon.alerts.types import AlertKind, Severity
from andon.core import bulk
from andon.paging import metrics, rules
from andon.paging.actions import events, queueing
from andon.paging.actions.delivery.values import UNSENT
from andon.paging.actions.desk import Desk, risk_per_minute
from andon.paging.actions.queueing import Row
from andon.paging.models import Decision, Notification, Page, PagedAlert
from andon.paging.types import Crew, Facts, PageState, Text
from andon.people.types import CONTACT_KINDS, Contact, Person

log = structlog.get_logger(__name__)

#: 0 is the first message about a service; then by severity; notices that page nobody come last.
_PRIORITY = {Severity.CRITICAL: 2, Severity.ERROR: 3, Severity.WARNING: 4}
_NOTICE_PRIORITY = 8
_REASON = 500


class Outbox:
    """Decisions, notifications and changes of pages, held until `write`.

    Rows refer to their page object, whose key may not be known before it is inserted.
    """

    def __init__(self, *, desk: Desk, now: datetime) -> None:
        self.desk = desk
        self.now = now
        self._decisions: list[Row] = []
        self._changes: dict[int, dict[str, Any]] = defaultdict(dict)
        self._texts: dict[tuple[int, str, str], Text] = {}
        #: Pages whose policy was used up.
        self._gave_up: list[Page] = []
        #: Why a page is asked about once more, by its identity.
        self._again: dict[int, str] = {}
        self._made: list[tuple[Page, bool, Row]] = []
        self._waiting: set[tuple[int, str, str, str]] = set()
        #: Whom each step of a page has asked.
        self._asked: dict[int, dict[int, tuple[str, ...]]] = defaultdict(dict)
        #: How many alerts are on a page, by the identity of its object.
        self._alerts: dict[int, int] = {}
        #: Where messages of a step go already.
        self._addressed: set[tuple[int, int, str, str, str]] = set()

    def spare(self, pages: Iterable[Page]) -> None:
        """Add no second message where one about the same page still waits to be sent. One query.

        What cannot be sent would pile up, and all of it arrive when it works again.
        """
        rows = Notification.objects.filter(
            page_id__in=[page.pk for page in pages], state__in=UNSENT
        )
        self._waiting.update(rows.values_list("page_id", "purpose", "kind", "destination"))

    def count(self, pages: Iterable[Page]) -> None:
        """Read how many alerts are on stored pages, for what is said of them. One query."""
        known = {page.pk: page for page in pages}
        rows = PagedAlert.objects.filter(page_id__in=known).order_by().values_list("page_id")
        for pk, number in rows.annotate(number=Count("pk")):
            self._alerts[id(known[pk])] = number

    def counted(self, page: Page, number: int) -> None:
        """Take it that a page which is not stored yet has so many alerts."""
        self._alerts[id(page)] = number

    def recall(self, pages: Iterable[Page]) -> None:
        """Look up whom the steps of pages have asked so far. One query."""
        rows = Decision.objects.filter(page_id__in=[page.pk for page in pages], kind="paged")
        for page_id, facts in rows.values_list("page_id", "facts"):
            self._asked[page_id or 0][int(facts["step"])] = tuple(facts["people"])

    def decide(self, page: Page, kind: str, reason: str, **facts: object) -> None:
        """Write down a decision about a page."""
        row = {"at": self.now, "kind": kind, "reason": reason, "facts": facts}
        self._made.append((page, False, row))

    def decide_about_alert(self, alert_id: int, kind: str, reason: str) -> None:
        """Write down why an alert pages nobody."""
        row = {"alert_id": alert_id, "at": self.now, "kind": kind, "reason": reason, "facts": {}}
        self._decisions.append(row)

    def change(self, page: Page, **changes: Any) -> None:
        """Change a page that is stored already."""
        for name, value in changes.items():
            setattr(page, name, value)
        self._changes[page.pk].update(changes)

    def run_step(self, page: Page, crew: Crew | None) -> dict[str, Any]:
        """Page whoever is next on a page; return what that changes in the page.

        A page whose policy is used up becomes UNANSWERED, and the fallback contact is told.
        """
        policy, base = page.policy, page.policy.begins_at
        advance = rules.escalate(
            policy=policy,
            step=page.step - base,
            crew=crew,
            people=self.desk.people,
            told=page.first_sent_at is not None,
            asked={step - base: who for step, who in self._asked[page.pk].items()},
        )
        for sentence in advance.skipped:
            self.decide(page, "skipped", sentence)
        if advance.step is None:
            page.step = base + advance.next_step
            self._try_refused(page, crew)
            return self._unanswered(page, advance.reason) | {"step": page.step}
        step = base + advance.step
        self._again[id(page)] = advance.again
        for slug in advance.people:
            self._tell_person(page, self.desk.people[slug], step=step)
        if advance.unreachable and not policy.fallback_told:
            policy = replace(policy, fallback_told=True)
            self._tell_fallback(page, step=step, why=advance.unreachable, purpose="page")
        self.decide(
            page, "paged", advance.reason, step=step, people=list(advance.people), rota=page.rota
        )
        return {
            "state": PageState.PAGING,
            "step": base + advance.next_step,
            "next_at": self.now + advance.wait,
            "held_until": None,
            "policy": policy,
        }

    def go_round(self, page: Page, crew: Crew | None) -> dict[str, Any]:
        """Ask everybody of an unanswered page once more; return what that changes in it."""
        again = rules.ask_again(
            policy=page.policy,
            crew=crew,
            people=self.desk.people,
            told=page.first_sent_at is not None,
            waited=self.now - (page.unanswered_at or page.opened_at),
        )
        step = page.step + 1
        self._again[id(page)] = again.again
        for slug in again.people:
            self._tell_person(page, self.desk.people[slug], step=step)
        self._tell_fallback(page, step=step, why=again.reason, purpose="unanswered")
        self.decide(page, "asked-again", again.reason, step=step, people=list(again.people))
        return {
            "state": PageState.UNANSWERED,
            "step": step,
            "next_at": self.now + again.wait,
        }

    def tell_resolved(self, page: Page, told: Iterable[Notification], *, by: str) -> None:
        """Tell those who were paged that it is over, each once."""
        seen: set[tuple[str, str]] = set()
        for one in told:
            if (one.kind, one.destination) in seen:
                continue
            seen.add((one.kind, one.destination))
            home = self.desk.organisation.working_hours.timezone
            zone = one.person.timezone if one.person else home
            text = rules.resolved_text(
                facts=self.facts(page), timezone=zone, resolved_at=self.now, by=by
            )
            self._add(
                page,
                to=Contact(one.kind, one.destination, one.contact_method_id),
                text=text,
                purpose="resolved",
                step=page.step,
                priority=_NOTICE_PRIORITY,
                person_id=one.person_id,
            )

    def facts(self, page: Page) -> Facts:
        """Return what messages say about a page."""
        service = self.desk.services.get(page.service_id) if page.service_id else None
        kind = AlertKind(page.kind)
        return Facts(
            service=service.title if service else page.subject.named or "an unnamed service",
            summary=page.summary,
            severity=page.severity,
            started_at=page.started_at,
            reason=page.reason,
            description=page.route.description,
            risk_per_minute=risk_per_minute(service) if kind.is_real else None,
            runbook_url=service.runbook_url if service else "",
            links=_links(page, service.dashboard_url if service else ""),
            labels=page.route.labels,
            alerts=self._alerts.get(id(page), 0),
            kind=kind,
            again=self._again.get(id(page), ""),
        )

    def write(self) -> None:
        """Write everything. What belongs to a page that another engine opened first is left out."""
        notifications: list[Row] = []
        for page, is_message, row in self._made:
            if page.pk is not None:
                row["page_id"] = page.pk
                (notifications if is_message else self._decisions).append(row)
        made = bulk.insert(Notification, notifications, ignore_conflicts=True)
        if made < len(notifications):
            self._say_collisions(notifications)
        bulk.insert(Decision, self._decisions)
        self._write_changes()
        events.say("page_unanswered", self._gave_up, level=logging.ERROR)
        self._gave_up.clear()
        self._made.clear()
        self._decisions.clear()

    def _say_collisions(self, rows: list[Row]) -> None:
        """Say of messages that were not made that they were not: a step is taken once, or a defect.

        The decision to page somebody stands beside, and would not be true alone.
        """
        uids = {row["uid"] for row in rows}
        uids -= set(Notification.objects.filter(uid__in=uids).values_list("uid", flat=True))
        for row in rows:
            if row["uid"] not in uids:
                continue
            metrics.COLLIDED.inc()
            log.error("notification_collided", page=row["page_id"], step=row["step"],
                      purpose=row["purpose"], kind=row["kind"])  # fmt: skip
            reason = (
                f"No {row['kind']} was made for step {row['step'] + 1}: there is one like it "
                "already, which should not happen. Whoever it was for may not have been told again"
            )
            self._decisions.append(
                {"page_id": row["page_id"], "at": self.now, "kind": "collided", "reason": reason,
                 "facts": {"step": row["step"], "purpose": row["purpose"]}}
            )  # fmt: skip

    def _write_changes(self) -> None:
        """Write changes of pages, one statement per distinct change: most change alike."""
        groups: dict[str, tuple[dict[str, Any], list[int]]] = {}
        for pk, changes in self._changes.items():
            key = repr(sorted(changes.items(), key=lambda item: item[0]))
            groups.setdefault(key, (changes, []))[1].append(pk)
        for changes, pks in groups.values():
            Page.objects.filter(pk__in=sorted(pks)).update(
                **changes, unseen=True, revision=F("revision") + 1
            )
        self._changes.clear()

    def _unanswered(self, page: Page, reason: str) -> dict[str, Any]:
        told = self._tell_fallback(page, step=page.step, why=reason, purpose="unanswered")
        whom = f"asking the fallback contact ({told})" if told else "there is no fallback contact"
        wait = rules.round_wait(waited=timedelta(), ticket=page.severity == Severity.TICKET)
        self.decide(page, "unanswered", f"{reason}: UNANSWERED, {whom}")
        metrics.UNANSWERED.inc()
        self._gave_up.append(page)
        return {
            "state": PageState.UNANSWERED,
            "unanswered_at": self.now,
            "next_at": self.now + wait,
            "held_until": None,
            "policy": page.policy,
        }

    def _try_refused(self, page: Page, crew: Crew | None) -> None:
        tried, why = rules.last_resort(policy=page.policy, crew=crew, people=self.desk.people)
        for slug in tried:
            self._tell_person(page, self.desk.people[slug], step=page.step)
        if tried:
            self.decide(page, "tried", why, step=page.step, people=list(tried))

    def _tell_person(self, page: Page, person: Person, *, step: int) -> None:
        text = self._text(page, person.timezone)
        for contact in person.contacts or person.marked:
            if self._is_waiting(page, contact, "page"):
                self.decide(
                    page, "waits", f"The {contact.kind} to {person.name} still waits: no second one"
                )
                continue
            if not self._is_first(page, contact, step=step, purpose="page"):
                self.decide(
                    page,
                    "shared",
                    f"{person.name} has the same {contact.kind} address as somebody else who is "
                    "asked now: one message for both",
                )
                continue
            self._add(
                page,
                to=contact,
                text=text,
                purpose="page",
                step=step,
                priority=_PRIORITY.get(Severity(page.severity), 4) if step else 0,
                person_id=person.id,
            )

    def _tell_fallback(self, page: Page, *, step: int, why: str, purpose: str) -> str:
        organisation = self.desk.organisation
        text = rules.fallback_text(
            facts=self.facts(page),
            timezone=organisation.working_hours.timezone,
            why=why,
            unanswered=purpose == "unanswered",
        )
        for contact in organisation.fallback:
            if self._is_waiting(page, contact, purpose):
                continue
            if self._is_first(page, contact, step=step, purpose=purpose):
                self._add(page, to=contact, text=text, purpose=purpose, step=step, priority=1)
        return ", ".join(_kinds(organisation.fallback))

    def _text(self, page: Page, timezone: str) -> Text:
        key = (id(page), "page", timezone)
        if key not in self._texts:
            self._texts[key] = rules.page_text(facts=self.facts(page), timezone=timezone)
        return self._texts[key]

    def _is_waiting(self, page: Page, contact: Contact, purpose: str) -> bool:
        return (page.pk, purpose, contact.kind, contact.address) in self._waiting

    def _is_first(self, page: Page, contact: Contact, *, step: int, purpose: str) -> bool:
        """Return whether nothing goes to this address by this step yet: nobody is told twice."""
        blind = CONTACT_KINDS.of(contact.kind).is_case_blind
        address = contact.address.casefold() if blind else contact.address
        key = (id(page), step, purpose, contact.kind, address)
        if key in self._addressed:
            return False
        self._addressed.add(key)
        return True

    def _add(self, page: Page, **row: Any) -> None:
        self._made.append((page, True, queueing.row(now=self.now, **row)))


def reason_for_page(reason: str) -> str:
    """Return a reason that fits the page's column."""
    return reason if len(reason) <= _REASON else reason[: _REASON - 3] + "..."


def _links(page: Page, dashboard_url: str) -> tuple[tuple[str, str], ...]:
    return ((("Dashboard", dashboard_url),) if dashboard_url else ()) + page.route.links


def _kinds(contacts: Iterable[Contact]) -> list[str]:
    return sorted({contact.kind for contact in contacts})
