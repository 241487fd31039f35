"""What the files say of each entity in words, kept for search. It is no declaration: no plan."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from andon.catalogue import models
from andon.catalogue.types import DomainKind
from andon.catalogue.types.declared import Catalogue, DeclaredService
from andon.catalogue.types.entity import PREFIX, Entity
from andon.core import masking, rows
from andon.core.folding import fold

Lines = list[tuple[str, str]]

#: Annotations by whose name they may open something. Other tools keep such things in the files.
_SECRET = re.compile(r"key|token|secret|password|credential|webhook", re.IGNORECASE)
_JOURNEYS = {DomainKind.PRODUCT: "Journey", DomainKind.ARCHITECTURAL: "Capability"}
#: What one annotation or description adds at most.
_LONGEST = 2000


def write_said(catalogue: Catalogue) -> None:
    """Keep what a folder says for search. The caller holds the transaction."""
    table: QuerySet[models.Said] = QuerySet(models.Said)
    known = {
        (kind, slug): (pk, lines, folded)
        for pk, kind, slug, lines, folded in table.values_list(
            "pk", "kind", "slug", "lines", "folded"
        )
    }
    wanted = {(kind, slug): (lines, folded) for kind, slug, lines, folded in _said(catalogue)}
    rows.delete(models.Said, [one[0] for key, one in known.items() if key not in wanted])
    table.bulk_create(
        [
            models.Said(kind=key[0], slug=key[1], lines=lines, folded=folded)
            for key, (lines, folded) in wanted.items()
            if known.get(key, (0,))[1:] != (lines, folded)
        ],
        batch_size=rows.BATCH,
        update_conflicts=True,
        unique_fields=["kind", "slug"],
        update_fields=["lines", "folded"],
    )


def _said(catalogue: Catalogue) -> Iterator[tuple[str, str, str, str]]:
    """Yield each entity's kind, slug, lines and all of its words, folded."""
    for kind, entity, slug, title, more in _entities(catalogue):
        # Never people's annotations: those are addresses.
        lines = [*_of_entity(entity, annotations=kind != "person"), *more]
        text = "\n".join(f"{what}: {_one_line(words)}" for what, words in lines if words)
        yield kind, slug, text, fold(f"{title}\n{slug}\n{text}")


def _entities(catalogue: Catalogue) -> Iterator[tuple[str, Entity, str, str, Lines]]:
    """Yield each entity with its kind, slug and name, and what is said of it elsewhere."""
    for service in catalogue.services.values():
        more = _of_service(service, catalogue)
        yield "service", service.entity, service.slug, service.title, more
    for team in catalogue.teams.values():
        yield "team", team.entity, team.slug, team.title, [("Channel", team.channel)]
    for domain in catalogue.domains.values():
        holder = _names(catalogue, [domain.budget_holder])
        yield "domain", domain.entity, domain.slug, domain.title, [("Budget holder", holder)]
    for rota in catalogue.rotas.values():
        people = _names(catalogue, rota.participants)
        yield "rota", rota.entity, rota.slug, rota.title, [("People", people)]
    for person in catalogue.people.values():
        yield "person", person.entity, person.slug, person.name, []


def _of_service(service: DeclaredService, catalogue: Catalogue) -> Lines:
    system = catalogue.systems.get(service.system)
    domain = catalogue.domains.get(service.domain)
    team = catalogue.teams.get(service.owner)
    needed = (catalogue.resources[slug].title for kind, slug in service.needs if kind == "resource")
    return [
        ("System", _named(system.entity) if system else service.system),
        (_JOURNEYS[domain.kind] if domain else "", _named(domain.entity) if domain else ""),
        ("Team", team.title if team else service.owner),
        ("Budget holder", _names(catalogue, [service.budget_holder])),
        ("Needs", ", ".join(needed)),
        ("Links", ", ".join(one["title"] for one in service.links)),
    ]


def _of_entity(entity: Entity, *, annotations: bool) -> Lines:
    """Return what any entity says: description, other names, tags, labels, annotations."""
    labels = entity.metadata.data.get("labels")
    said = [
        ("Description", entity.description),
        ("Also called", ", ".join(entity.old_names)),
        ("Tags", ", ".join(_texts(entity.metadata.data.get("tags")))),
        ("Labels", ", ".join(f"{key}={value}" for key, value in _pairs(labels))),
    ]
    return said + list(_of_annotations(entity)) if annotations else said


def _of_annotations(entity: Entity) -> Iterator[tuple[str, str]]:
    for key, value in _pairs(entity.annotations.data):
        if not _SECRET.search(key) and key != f"{PREFIX}aliases":
            yield key.rpartition("/")[2], masking.text(value)


def _named(entity: Entity) -> str:
    return f"{entity.title}. {entity.description}" if entity.description else entity.title


def _names(catalogue: Catalogue, slugs: Iterable[str]) -> str:
    people = catalogue.people
    return ", ".join(people[slug].name if slug in people else slug for slug in slugs if slug)


def _pairs(data: Any) -> list[tuple[str, str]]:
    found = data.items() if isinstance(data, dict) else ()
    return [(key, value) for key, value in found if isinstance(key, str) and isinstance(value, str)]


def _texts(data: Any) -> list[str]:
    return [one for one in data if isinstance(one, str)] if isinstance(data, list) else []


def _one_line(text: str) -> str:
    return " ".join(text[:_LONGEST].split())
