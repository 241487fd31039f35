"""`User` and `Group`: people and teams."""

from andon.catalogue.rules.documents.organisation import read_contacts, working_hours
from andon.catalogue.rules.documents.refs import Refs
from andon.catalogue.types.declared import Catalogue, DeclaredPerson, DeclaredTeam
from andon.catalogue.types.entity import PREFIX, Entity
from andon.core.documents.fields import Fields
from andon.people.types import EMAIL, Contact


def read_user(entity: Entity, catalogue: Catalogue) -> DeclaredPerson:
    """Return a person and how to reach them: mail first, then what their annotations add."""
    profile = _profile(entity)
    email = profile.email("email")
    default = catalogue.organisation.working_hours.timezone
    contacts = [Contact(EMAIL, email)] if email else []
    return DeclaredPerson(
        entity=entity,
        slug=entity.slug,
        name=profile.text("displayName") or entity.title,
        email=email,
        timezone=entity.annotations.zone(PREFIX + "timezone", default=default),
        contacts=(*contacts, *read_contacts(entity.annotations, prefix=PREFIX)),
    )


def read_group(entity: Entity, catalogue: Catalogue) -> DeclaredTeam:
    """Return a team, its members still to be gathered."""
    hours = entity.spec.mapping("workingHours")
    profile = _profile(entity)
    default = catalogue.organisation.working_hours
    return DeclaredTeam(
        entity=entity,
        slug=entity.slug,
        title=profile.text("displayName") or entity.title,
        description=entity.description,
        email=profile.email("email"),
        channel=entity.annotations.text(PREFIX + "channel"),
        working_hours=working_hours(hours, default) if hours else None,
        aliases=entity.old_names,
    )


def gather_members(catalogue: Catalogue, refs: Refs) -> None:
    """Put people into teams from both sides: `memberOf` of people, `members` of groups."""
    for person in catalogue.people.values():
        entity = person.entity
        teams = refs.many(
            entity.spec,
            "memberOf",
            kind="group",
            namespace=entity.namespace,
            only=("group",),
            required=True,
        )
        for team in teams:
            if team.slug in catalogue.teams:
                catalogue.teams[team.slug].members.add(person.slug)
    for declared in catalogue.teams.values():
        spec, namespace = declared.entity.spec, declared.entity.namespace
        people = refs.many(spec, "members", kind="user", namespace=namespace, only=("user",))
        declared.members.update(one.slug for one in people)
        refs.many(spec, "children", kind="group", namespace=namespace, required=True)
        refs.one(spec, "parent", kind="group", namespace=namespace)


def _profile(entity: Entity) -> Fields:
    spec = entity.spec
    empty = Fields(spec.document, (*spec.path, "profile"), {}, spec.report, spec.owner)
    return spec.mapping("profile") or empty
