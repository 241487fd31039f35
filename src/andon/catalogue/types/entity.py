"""One entity of the files, before its `spec` is read."""

from dataclasses import dataclass

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


def note(name: str, doc: str, kind: Writing | None = None) -> FileKey:
    """Return the key of an annotation of Andon's own."""
    return FileKey(doc, kind, name=PREFIX + name, within=NOTES)


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
