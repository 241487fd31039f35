"""The whole check: a folder in, everything it declares and everything wrong with it out."""

import re
from collections import defaultdict
from collections.abc import Iterable

from andon.catalogue.rules.documents import calendars, cover, envelope
from andon.catalogue.rules.documents import organisation as organisations
from andon.catalogue.rules.documents.annotations import known
from andon.catalogue.rules.documents.kinds import groups, people, rotas, services
from andon.catalogue.rules.documents.refs import Refs
from andon.catalogue.types.declared import Catalogue, Checked
from andon.catalogue.types.entity import PREFIX, Entity
from andon.core.documents.document import MOST_BYTES, Document, ReadFolder
from andon.core.documents.fields import SHORT, Fields
from andon.core.documents.problems import DocumentProblem, Unread

#: A name as files write it, `.` at the end of a sentence left out.
_WORD = re.compile(r"[a-z0-9](?:[-a-z0-9_.]*[a-z0-9])?")


def check_folder(folder: ReadFolder) -> Checked:
    """Return what a folder declares and every problem in it, by file and line."""
    return check_documents(folder.documents, folder.problems, name=folder.name)


def check_documents(
    documents: Iterable[Document],
    found: Iterable[DocumentProblem] = (),
    *,
    name: str = ".",
    into: list[DocumentProblem] | None = None,
) -> Checked:
    """Return what documents declare and every problem in them.

    Problems also go `into` a list; what is reported by those who read on goes there alone.
    """
    problems = [] if into is None else into
    problems += found
    foreign: list[Document] = []
    ours: list[Document] = []
    for document in documents:
        (foreign if envelope.is_foreign(document) else ours).append(document)
    read = (envelope.read(document, problems.append) for document in ours)
    by_ref = envelope.duplicates(entity for entity in read if entity is not None)
    for entity in by_ref.values():
        _check_annotations(entity)
    catalogue = _organisation(list(by_ref.values()), problems, name)
    if catalogue is not None:
        _read(catalogue, by_ref)
    alert_rules = tuple(one for one in by_ref.values() if one.kind == "alertrule")
    return Checked(catalogue, in_order(problems), tuple(foreign), alert_rules)


def in_order(problems: Iterable[DocumentProblem]) -> tuple[DocumentProblem, ...]:
    """Return problems by where they are, each once.

    That something is missing is no news while a file that names it cannot be read.
    """
    unique = dict.fromkeys(problems)
    texts = (one.text.lower() for one in unique if isinstance(one, Unread))
    named = {word for text in texts for word in _WORD.findall(text)}
    kept = (one for one in unique if not one.missing or one.missing.lower() not in named)
    return tuple(sorted(kept, key=lambda one: (one.file, one.line, one.rule, one.message)))


def _organisation(
    entities: list[Entity], problems: list[DocumentProblem], name: str
) -> Catalogue | None:
    found = [entity for entity in entities if entity.kind == "organisation"]
    if not found:
        message = "there is no Organisation document"
        fix = "Add one: `andon init FOLDER` writes a small catalogue to begin with."
        missing = "organisation"
        problems.append(
            DocumentProblem("organisation-once", message, fix, name, 1, missing=missing)
        )
        return None
    first, *others = found
    for other in others:
        message = f"there is an Organisation already, at {first.where}"
        other.metadata.refuse("organisation-once", message, "Keep one.", key="name")
    organisation = organisations.read(first.spec, slug=first.slug, title=first.title)
    return Catalogue(organisation, dict(first.spec.data), first)


def _read(catalogue: Catalogue, by_ref: dict[str, Entity]) -> None:
    refs = Refs(by_ref)
    kinds: dict[str, list[Entity]] = defaultdict(list)
    for entity in by_ref.values():
        kinds[entity.kind].append(entity)
    _read_groups(catalogue, refs, kinds)
    catalogue.services.update(
        (entity.slug, services.read_component(entity, catalogue, refs))
        for entity in kinds["component"]
        if services.is_run(entity)
    )
    catalogue.rotas.update(
        (entity.slug, rotas.read_rota(entity, catalogue, refs)) for entity in kinds["rota"]
    )
    for entity in (*kinds["api"], *kinds["location"]):
        _check_other(entity, refs)
    services.gather_needs(catalogue, refs)
    groups.check_databases(catalogue)
    rotas.check_reachable(catalogue)
    cover.check_cover(catalogue)
    services.check_selection(catalogue)
    calendars.check_calendars(catalogue)
    _check_names(catalogue)


def _read_groups(catalogue: Catalogue, refs: Refs, kinds: dict[str, list[Entity]]) -> None:
    for entity in kinds["user"]:
        catalogue.people[entity.slug] = people.read_user(entity, catalogue)
    for entity in kinds["group"]:
        catalogue.teams[entity.slug] = people.read_group(entity, catalogue)
    people.gather_members(catalogue, refs)
    for entity in kinds["domain"]:
        catalogue.domains[entity.slug] = groups.read_domain(entity, refs)
    for entity in kinds["system"]:
        catalogue.systems[entity.slug] = groups.read_system(entity, refs)
    for entity in kinds["resource"]:
        catalogue.resources[entity.slug] = groups.read_resource(entity, refs)


def _check_annotations(entity: Entity) -> None:
    if entity.kind in envelope.WORDS:
        entity.annotations.only(known(entity.kind), prefix=PREFIX)


def _check_other(entity: Entity, refs: Refs) -> None:
    if entity.kind == "location":
        fix = "Put the files it points to into this folder."
        envelope.warn(entity, "location", "locations are not followed", fix)
        return
    groups.owner(entity, refs)
    refs.one(entity.spec, "system", kind="system", namespace=entity.namespace)
    _check_definition(entity.spec)


def _check_definition(spec: Fields) -> None:
    written = spec.data.get("definition")
    if "definition" not in spec.data:
        if "remotes" not in spec.data:
            spec.refuse("required", "`definition` is missing", "Write `definition: |`.")
    elif not (isinstance(written, dict) and any(key.startswith("$") for key in written)):
        # `$text: ./openapi.yaml` is Backstage's way to take a text from elsewhere.
        spec.text("definition", required=True, longest=MOST_BYTES)


def _check_names(catalogue: Catalogue) -> None:
    """Report former names that somebody else has or had."""
    for word, declared in (
        ("service", catalogue.services),
        ("team", catalogue.teams),
        ("domain", catalogue.domains),
        ("resource", catalogue.resources),
        ("rota", catalogue.rotas),
    ):
        taken: dict[str, str] = {}
        for slug, one in declared.items():
            for alias in one.aliases:
                if len(alias) > SHORT:
                    fix = f"At most {SHORT} characters."
                    one.entity.annotations.refuse(
                        "too-long", f"{alias[:40]!r}... is long", fix, key=PREFIX + "aliases"
                    )
                holder = alias if alias in declared else taken.setdefault(alias, slug)
                if holder != slug:
                    one.entity.annotations.refuse(
                        "alias-clash",
                        f"{alias!r} is a name of {word} {holder}",
                        "A name leads to one place: remove it here or there.",
                        key=PREFIX + "aliases",
                    )
