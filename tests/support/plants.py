"""Secrets planted everywhere an installation can hold one, each with a mark of its own."""

from dataclasses import dataclass
from pathlib import Path

from django.db.models import Model

from andon.alerts import actions as alerts
from andon.catalogue.models import Domain, Revision, Rota, Service
from andon.core.ids import Secret
from andon.core.models import SetAside, StageBeat
from andon.oncall import actions as oncall
from andon.paging.models import Attempt, Notification
from andon.people import actions as people
from andon.people.models import ContactMethod, Person, Team
from andon.slo import actions as slo
from tests.support import factories as make
from tests.support import scenery
from tests.support.folders import write_folder

#: In every planted secret, so that one that was forgotten below is found all the same.
MARK = "PLANTED"


def _mark(name: str) -> str:
    return f"{MARK}{name}{MARK[::-1]}"


#: Ann's addresses: she may read them whole, where they are listed.
TOPIC = f"https://ntfy.invalid/{_mark('topic')}"
PASSWORD = f"https://{_mark('user')}:{_mark('password')}@ntfy.invalid:8443/{_mark('topic2')}"
HOOK = f"https://hooks.invalid/{_mark('path')}/x?sig={_mark('query')}#whsec_{_mark('secret')}"
ANNS = {"ntfy": (TOPIC, PASSWORD), "webhook": (HOOK,)}
#: Nobody may read these anywhere.
FALLBACK = {
    "ntfy": f"https://ntfy.invalid/{_mark('fallbacktopic')}",
    "webhook": f"https://hooks.invalid/{_mark('fallbackpath')}#whsec_{_mark('fallbacksecret')}",
}
OLD_TOPIC = f"https://ntfy.invalid/{_mark('oldtopic')}"
BEAT = (
    f"IntegrityError: Key (kind, destination)=(ntfy, https://ntfy.invalid/{_mark('beat')}) exists; "
    f"postgresql://andon:{_mark('databasepassword')}@db.invalid/andon; "
    f"Authorization: Bearer {_mark('header')}"
)
#: A colleague's mail address where the name is enough; where people are listed it may stand whole.
MAIL = f"{_mark('mail').lower()}@example.org"


@dataclass
class Planted:
    """What was made, and the secrets that were shown once."""

    scene: scenery.Scene
    folder: Path
    root: Person
    feed: Secret
    keys: tuple[Secret, ...]


def plant(*, scene: scenery.Scene, folder: Path) -> Planted:
    """Plant secrets in a shop in trouble and in a catalogue that is applied to it."""
    ann, now = scene.ann, scene.page.opened_at
    contacts(ann)
    for kind, address in ((kind, one) for kind, every in ANNS.items() for one in every):
        failed(scene, to=ann, kind=kind, address=address)
    for kind, address in FALLBACK.items():
        failed(scene, to=None, kind=kind, address=address)
    failed(scene, to=ann, kind="email", address=MAIL)
    StageBeat.objects.filter(stage="route_alerts").update(error=BEAT)
    SetAside.objects.create(
        stage="route_alerts", row=1, what="alert 1", why=BEAT, since=now, again_at=now
    )
    write_catalogue(folder)
    slo.apply_folder(path=folder, by="test", now=now)
    Revision.objects.create(applied_at=now, applied_by="an older Andon", digest="", plan=old_plan())
    for model in (Service, Team, Domain, Rota):  # the shop is in no file, and stays all the same
        model.objects.update(retired_at=None)
    root = make.person("root", name="Root", staff=True, is_superuser=True)
    return Planted(
        scene=scene,
        folder=folder,
        root=root,
        feed=oncall.create_feed(by="test", now=now, person="ann"),
        keys=(
            people.create_api_key(name="script", person="ann", now=now),
            alerts.create_key(name="am", kind="alertmanager", by="test", now=now),
            alerts.create_key(name="pd", kind="pagerduty", by="test", now=now),
        ),
    )


def contacts(of: Person) -> None:
    """Give somebody addresses of every kind, each with a fault that repeats it."""
    for kind, address in ((kind, one) for kind, every in ANNS.items() for one in every):
        ContactMethod.objects.create(
            person=of, kind=kind, address=address, fault=said(address), position=9
        )


def failed(scene: scenery.Scene, *, to: Person | None, kind: str, address: str) -> None:
    """Make a message that failed as an older Andon kept it: whatever was said, word for word."""
    made = Notification.objects.create(
        page=scene.page,
        person=to,
        step=3,
        kind=kind,
        destination=address,
        subject=scene.page.summary,
        body=scene.page.summary,
        state="failed",
        created_at=scene.page.opened_at,
        error=said(address),
    )
    Attempt.objects.create(
        notification=made, at=made.created_at, outcome="permanent", detail=said(address)
    )


def said(address: str) -> str:
    """Return what libraries and servers say of an address: all of it, or a part."""
    last = address.partition("?")[0].rpartition("/")[2]
    return f"Client error '404 Not Found' for url '{address}'; no such topic: {last}"


def old_plan() -> dict[str, object]:
    """Return a plan as it was kept before plans were masked."""
    person = {"contacts": [[f"ntfy:{OLD_TOPIC}"], [f"ntfy:{TOPIC}"]]}
    document = [{"fallback": [{"ntfy": OLD_TOPIC}]}, {"fallback": [FALLBACK]}]
    return {
        "counts": {"changed": 2},
        "changes": [
            {"act": "changed", "kind": "person", "slug": "ann", "fields": person},
            {
                "act": "changed",
                "kind": "organisation",
                "slug": "org",
                "fields": {"document": document},
            },
        ],
        "left_out": 0,
    }


def write_catalogue(folder: Path) -> None:
    """Write files that hold secrets where files may, and one where an address is misspelt."""
    write_folder(folder, services=3)
    organisation = folder / "organisation.yaml"
    fallback = ", ".join(f'{{{kind}: "{address}"}}' for kind, address in FALLBACK.items())
    text = organisation.read_text(encoding="utf-8")
    organisation.write_text(text.replace("{email: duty@example.com}", fallback), encoding="utf-8")
    people = folder / "team-0.yaml"
    text = people.read_text(encoding="utf-8")
    annotated = (
        "metadata:\n  name: p-0-0\n  annotations:\n"
        f'    andon.dev/ntfy: "{OLD_TOPIC}"\n    andon.dev/webhook: "{HOOK}"\n'
    )
    people.write_text(text.replace("metadata: {name: p-0-0}\n", annotated), encoding="utf-8")


def misspell(folder: Path) -> None:
    """Break the addresses in the files, so that a check complains of each."""
    people = folder / "team-0.yaml"
    text = people.read_text(encoding="utf-8")
    people.write_text(text.replace("https://", "https//:"), encoding="utf-8")


def rows() -> list[type[Model]]:
    """Return the tables whose rows hold planted secrets."""
    return [ContactMethod, Notification, Attempt, Revision, StageBeat, SetAside]
