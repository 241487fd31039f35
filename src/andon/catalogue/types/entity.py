"""One entity of the files, before its `spec` is read."""

from dataclasses import dataclass

from andon.core.documents import writing
from andon.core.documents.declaring import FileKey
from andon.core.documents.fields import Fields
from andon.core.documents.writing import Writing

#: What annotations of Andon's own begin with.
PREFIX = "andon.dev/"
OURS = "andon.dev/v1"
BACKSTAGE = ("backstage.io/v1alpha1", "backstage.io/v1beta1")
LONGEST_NAME = 63

#: The mappings of an entity that keys stand in.
NOTES, SPEC, METADATA = "annotations", "spec", "metadata"


#: A reference to one entity of a kind, followed by hand.
GROUP, USER, SYSTEM, DOMAIN = (
    writing.reference(kind) for kind in ("group", "user", "system", "domain")
)
#: Read with the rest of what all entities have in common.
TITLE = FileKey("The name people read.", writing.HAND_TEXT, within=METADATA, kept=True)
DESCRIPTION = FileKey("", writing.HAND_TEXT, within=METADATA, kept=True)


def note(
    name: str, doc: str, kind: Writing | None = None, *, example: str = "", kept: bool = False
) -> FileKey:
    """Return the key of an annotation of Andon's own."""
    return FileKey(doc, kind, name=PREFIX + name, within=NOTES, example=example, kept=kept)


def spec(
    doc: str = "",
    kind: Writing | None = None,
    *,
    name: str = "",
    kept: bool = False,
    required: bool = False,
) -> FileKey:
    """Return a key of an entity's `spec`."""
    return FileKey(doc, kind, name=name, within=SPEC, kept=kept, required=required)


ALIASES = note(
    "aliases",
    "Former names, and names other tools use, separated by commas. "
    "A rename keeps its history through one.",
    writing.HAND,
    example="old-shop, shop-api",
)
PAYER = note("budget-holder", "Who pays for it: a User.", USER, example="user:ann")


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """One entity of the files: checked in what all kinds share, its `spec` still to be read."""

    kind: str
    word: str
    namespace: str
    name: str
    slug: str
    title: str
    description: str
    metadata: Fields
    annotations: Fields
    spec: Fields

    @property
    def ref(self) -> str:
        """Return the canonical reference: `kind:namespace/name`, lower case."""
        return f"{self.kind}:{self.namespace}/{self.name.lower()}"

    @property
    def where(self) -> str:
        """Return `file:line`."""
        return f"{self.spec.document.file}:{self.spec.document.line}"

    @property
    def old_names(self) -> tuple[str, ...]:
        """Return the names it had before, and those that other tools use, in lower case."""
        names = [one.lower() for one in self.annotations.comma_separated(f"{PREFIX}aliases")]
        written = self.name.lower()
        if written != self.slug:
            names.append(written)
        return tuple(dict.fromkeys(name for name in names if name != self.slug))
