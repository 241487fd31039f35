"""`Domain`, `System`, `Resource`: what services are grouped by and what they use."""

from andon.catalogue.rules.documents.refs import Refs
from andon.catalogue.rules.domains import RefusedDomain, domain_kind
from andon.catalogue.types import DomainKind
from andon.catalogue.types.declared import (
    Catalogue,
    DeclaredDomain,
    DeclaredResource,
    DeclaredSystem,
)
from andon.catalogue.types.entity import PREFIX, Entity

DATABASE = "database"


def read_domain(entity: Entity, refs: Refs) -> DeclaredDomain:
    """Return a domain; only product and architectural ones are accepted."""
    written = entity.spec.text("type")
    kind = DomainKind.PRODUCT
    fix = "Write `type: product` (a customer journey) or `type: architectural` (a capability)."
    if not written:
        message = "`type` is missing: is this a product or an architectural domain?"
        entity.spec.refuse("domain-kind", message, fix)
    else:
        try:
            kind = domain_kind(written)
        except RefusedDomain as error:
            message = f"a domain of type {written!r} is refused: {error}"
            entity.spec.refuse("domain-kind", message, fix, key="type")
    refs.one(entity.spec, "subdomainOf", kind="domain", namespace=entity.namespace)
    return DeclaredDomain(
        entity=entity,
        slug=entity.slug,
        title=entity.title,
        kind=kind,
        owner=owner(entity, refs),
        budget_holder=budget_holder(entity, refs),
        aliases=entity.old_names,
    )


def read_system(entity: Entity, refs: Refs) -> DeclaredSystem:
    """Return a system and the domain it is part of."""
    owner(entity, refs)
    domain = refs.one(
        entity.spec, "domain", kind="domain", namespace=entity.namespace, only=("domain",)
    )
    return DeclaredSystem(entity, entity.slug, domain.slug if domain else "")


def read_resource(entity: Entity, refs: Refs) -> DeclaredResource:
    """Return a resource, its consumers still to be gathered."""
    refs.one(entity.spec, "system", kind="system", namespace=entity.namespace)
    return DeclaredResource(
        entity=entity,
        slug=entity.slug,
        title=entity.title,
        kind=entity.spec.text("type").lower(),
        owner=owner(entity, refs),
        aliases=entity.old_names,
    )


def check_databases(catalogue: Catalogue) -> None:
    """Report databases that no service uses, or more than one does."""
    for resource in catalogue.resources.values():
        if resource.kind != DATABASE or len(resource.consumers) == 1:
            continue
        spec = resource.entity.spec
        if not resource.consumers:
            fix = f"Write `dependsOn: [resource:{resource.slug}]` on the service that uses it."
            message = "no service uses this database"
            spec.refuse("database-consumer", message, fix, key="type", missing=resource.slug)
            continue
        names = ", ".join(sorted(resource.consumers))
        spec.refuse(
            "database-consumer",
            f"{len(resource.consumers)} services use this database: {names}",
            "Let one service own it, and the others ask that service.",
            key="type",
        )


def owner(entity: Entity, refs: Refs) -> str:
    """Return the slug of the one team that owns an entity; empty when it names none (reported)."""
    text = entity.spec.data.get("owner")
    if not isinstance(text, str) or not text:
        return ""
    found = refs.resolve(
        entity.spec, "owner", text, kind="group", namespace=entity.namespace, only=("group",)
    )
    return found.slug if found else ""


def budget_holder(entity: Entity, refs: Refs) -> str:
    """Return the slug of the person who pays for an entity, if it names one."""
    found = refs.one(
        entity.annotations,
        PREFIX + "budget-holder",
        kind="user",
        namespace=entity.namespace,
        only=("user",),
    )
    return found.slug if found else ""
