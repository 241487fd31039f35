"""References between entities: read, resolved, and reported when they lead nowhere."""

from collections.abc import Collection, Mapping
from functools import cached_property

from andon.catalogue.rules.documents.envelope import UnreadableRef, canonical
from andon.catalogue.types.entity import Entity
from andon.core.documents.fields import Fields
from andon.core.documents.near import near_name


class Refs:
    """Every entity of the files by its reference."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self.entities = entities

    def one(
        self,
        fields: Fields,
        key: str,
        *,
        kind: str,
        namespace: str = "default",
        only: Collection[str] = (),
    ) -> Entity | None:
        """Return what a key refers to; None when it is not there or leads nowhere (reported)."""
        text = fields.text(key)
        if not text:
            return None
        return self.resolve(fields, key, text, kind=kind, namespace=namespace, only=only)

    def many(
        self,
        fields: Fields,
        key: str,
        *,
        kind: str,
        namespace: str = "default",
        only: Collection[str] = (),
        required: bool = False,
    ) -> list[Entity]:
        """Return what a list of references refers to, what leads nowhere left out (reported)."""
        found = (
            self.resolve(fields, key, text, kind=kind, namespace=namespace, only=only, index=index)
            for index, text in enumerate(fields.texts(key, required=required))
        )
        return [entity for entity in found if entity is not None]

    def resolve(
        self,
        fields: Fields,
        key: str,
        text: str,
        *,
        kind: str,
        namespace: str = "default",
        only: Collection[str] = (),
        index: int | None = None,
    ) -> Entity | None:
        """Return what one reference refers to. `kind` is assumed when the text does not say."""
        at = Fields(fields.document, (*fields.path, key), {}, fields.report, fields.owner)
        line = None if index is None else str(index)
        try:
            ref = canonical(text, kind=kind, namespace=namespace)
        except UnreadableRef as error:
            fix = self._called(text, kind) or _form(kind)
            at.refuse("reference-form", f"`{key}`: {error}", fix, key=line)
            return None
        entity = self.entities.get(ref)
        if entity is None:
            fix = self._called(text, kind) or self._of_another_kind(ref) or self._near(ref)
            message = f"`{key}` refers to {ref}, which no file declares"
            at.refuse("reference", message, fix, key=line, missing=ref.rpartition("/")[2])
            return None
        if only and entity.kind not in only:
            fix = f"Refer to a {' or '.join(sorted(only))}."
            at.refuse("reference", f"`{key}` refers to {ref}, a {entity.kind}", fix, key=line)
            return None
        return entity

    def _called(self, text: str, kind: str) -> str:
        """Return what to write for somebody or something called by its title or its address."""
        name = self._titles.get((kind, text.strip().lower()))
        return f"Write {name}: references go by `metadata.name`." if name else ""

    def _of_another_kind(self, ref: str) -> str:
        """Return what to write where a name is that of something else."""
        kind, entity = ref.partition(":")[0], self._names.get(_name(ref))
        if entity is None:
            return ""
        teams = entity.spec.data.get("memberOf")
        if kind == "group" and entity.kind == "user" and isinstance(teams, list) and teams:
            return f"{entity.name} is a person; write the team: {', '.join(map(str, teams))}."
        return f"{entity.name} is a {entity.kind}, at {entity.where}; a {kind} is wanted here."

    @cached_property
    def _titles(self) -> dict[tuple[str, str], str]:
        """Return names by kind and what people call it; made for the first miss, then kept."""
        found = ((one, title) for one in self.entities.values() for title in _titles(one))
        return {(one.kind, title): one.name for one, title in found}

    @cached_property
    def _names(self) -> dict[str, Entity]:
        return {_name(ref): entity for ref, entity in self.entities.items()}

    def _near(self, ref: str) -> str:
        kind = ref.partition(":")[0]
        # The names alone: the longer what all have in common, the more alike strangers are.
        same = {_name(known): known for known in self.entities if known.startswith(kind + ":")}
        # Searching for a near name among thousands, for every miss, would take minutes.
        near = near_name(_name(ref), list(same)[:500])
        fix = f"Did you mean {same[near]}?" if near else f"Declare the {kind}, or mend the name."
        return f"If they have left, take the name out here. {fix}" if kind == "user" else fix


def _form(kind: str) -> str:
    if not kind:
        return "Write kind:name, such as component:checkout."
    return f"Write the {kind}'s `metadata.name`: letters, digits, `-`, `_` and `.`, no spaces."


def _titles(entity: Entity) -> set[str]:
    """Return what people call an entity, in lower case."""
    profile = entity.spec.data.get("profile")
    shown = profile if isinstance(profile, dict) else {}
    names = (entity.title, shown.get("displayName"), shown.get("email"))
    return {one.strip().lower() for one in names if isinstance(one, str) and one}


def _name(ref: str) -> str:
    return ref.partition(":")[2].removeprefix("default/")
