"""An organisation that pays, two teams, a domain, rotas and a night with an incident."""

from datetime import UTC, datetime, timedelta

import pytest

from andon.catalogue import models as catalogue
from andon.incidents.models import Incident
from tests.support import factories

#: December 2026 has begun: November is over.
NOW = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)
PAY = {
    "standbyPerWeek": "GBP 700",
    "calloutPerHour": "GBP 60",
    "minimumCallout": "PT1H",
    "calloutBlock": "PT15M",
    "responsePerHour": "GBP 45",
    "rest": "PT11H",
}


def set_pay(**pay):
    """Change what the organisation pays; None takes a key away."""
    row = catalogue.Organisation.objects.get()
    merged = {**row.document["pay"], **pay}
    row.document = {**row.document, "pay": {k: v for k, v in merged.items() if v is not None}}
    row.save()


class Fruits:
    """What the tests name."""

    def __init__(self):
        catalogue.Organisation.objects.create(
            slug="fruits", title="Fruits", document={"currency": "GBP", "pay": PAY}
        )
        self.holder = factories.person("hope", name="Hope Holder")
        self.people = [factories.person(slug, name=slug.title()) for slug in ("ann", "ben", "cat")]
        self.ann, self.ben, self.cat = self.people
        self.team = factories.team("shop", members=[*self.people, self.holder])
        self.checkout = factories.service(
            "checkout", owner=self.team, ppm=999_000, budget_holder=self.holder
        )
        self.basket = factories.service(
            "basket", owner=self.team, ppm=999_000, budget_holder=self.holder, funding="opex"
        )
        self.rota = factories.rota("shop", of=self.team, people=self.people)
        self.count = 0

    def domain(self):
        """A domain with a rota of its own and two sibling services of another team."""
        keeper = factories.person("dora", name="Dora")
        other = factories.team("stock", members=[keeper])
        made = catalogue.Domain.objects.create(
            slug="supply", title="Supply", kind="product", owner=other, budget_holder=keeper
        )
        for slug in ("depot", "stocktake", "vans"):
            factories.service(slug, owner=other, ppm=995_000, domain=made)
        rota = factories.rota("supply", people=[keeper, self.ann, self.ben, self.cat])
        catalogue.Rota.objects.filter(pk=rota.pk).update(domain=made, team=None)
        return made

    def incident(self, at, minutes, *, by=None, service=None, **fields):
        """An incident acknowledged at once and restored after some minutes (None: it lasts)."""
        self.count += 1
        return Incident.objects.create(
            **{
                "number": self.count,
                "service": service or self.checkout,
                "subject_kind": "service",
                "subject_ref": str(self.count),
                "title": "down",
                "state": "open" if minutes is None else "restored",
                "started_at": at,
                "opened_at": at,
                "acknowledged_at": at,
                "acknowledged_person": by or self.ann,
                "restored_at": None if minutes is None else at + timedelta(minutes=minutes),
                "exposure_minor": 20_000_000,
                "exposure_currency": "GBP",
                "target_ppm": 999_000,
            }
            | fields
        )


@pytest.fixture
def fruits(db):
    return Fruits()
