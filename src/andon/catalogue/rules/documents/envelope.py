"""What every entity has in common, by Backstage's rules (`@backstage/catalog-model` 1.10.1)."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from andon.catalogue.rules.documents.annotations import MONEY
from andon.catalogue.types.entity import BACKSTAGE, LONGEST_NAME, OURS, Entity
from andon.core.documents.document import Document
from andon.core.documents.fields import LONG, Fields, Report
from andon.core.documents.near import near_name
from andon.core.documents.problems import DocumentProblem, Gravity

#: The kinds somebody here reads, and the word Andon has for each.
WORDS = {
    "user": "person",
    "group": "team",
    "domain": "domain",
    "system": "system",
    "component": "service",
    "resource": "resource",
    "api": "api",
    "location": "location",
    "organisation": "organisation",
    "rota": "rota",
    "alertrule": "alert",
}
OUR_KINDS = frozenset({"organisation", "rota", "alertrule"})
#: As people write them: `ALERTRULE` would be no help.
SPELT = {kind: kind.capitalize() for kind in WORDS} | {"api": "API", "alertrule": "AlertRule"}
#: Under these prefixes only kinds with a reader are meant: any other is a slip.
PREFIXES = ("andon.dev/", "backstage.io/")
#: Backstage's own kinds that are of no use here.
UNREAD = frozenset({"template"})
#: Documents whose `apiVersion` starts so are other packages' to read: the check hands them on.
FOREIGN = ("openslo/", "openslo.com/")
FOREIGN_KINDS = frozenset(
    (
        "SLO",
        "SLI",
        "DataSource",
        "AlertPolicy",
        "AlertCondition",
        "AlertNotificationTarget",
        "Service",
    )
)
#: The texts a kind's `spec` must have.
REQUIRED = {
    "component": ("type", "lifecycle", "owner"),
    "api": ("type", "lifecycle", "owner"),
    "resource": ("type", "owner"),
    "system": ("owner",),
    "domain": ("owner",),
    "group": ("type",),
}
ROOT = ("apiVersion", "kind", "metadata", "spec")

_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_NAMESPACE = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")
_KIND = re.compile(r"[a-zA-Z][a-z0-9A-Z]*")
_TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VERSION = re.compile(r"[a-zA-Z0-9]{1,63}")
_LINK = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*):(?P<rest>\S+)")
#: Addresses of these schemes lead to a host, by the standard that browsers follow.
_WITH_HOST = frozenset({"http", "https", "ws", "wss", "ftp"})
_DIGEST = 8


class UnreadableRef(ValueError):
    """The text is not a reference such as `group:default/checkout`."""


def is_foreign(document: Document) -> bool:
    """Return whether a document is handed on unread.

    By its version; or by a kind of theirs that comes with a version nobody has: it is a mistake
    that they can explain. Kubernetes' own `Service` is `v1`.
    """
    if not isinstance(document.data, dict):
        return False
    version, kind = document.data.get("apiVersion"), document.data.get("kind")
    if isinstance(version, str) and ("/" in version or version == "v1"):
        return version.lower().startswith(FOREIGN)
    return isinstance(kind, str) and kind in FOREIGN_KINDS


def read(document: Document, report: Report) -> Entity | None:
    """Return the entity of a document, or None when it has no kind or no name to go by."""
    if not isinstance(document.data, dict):
        fix = "Start with apiVersion, kind, metadata and spec."
        report(
            DocumentProblem("envelope", "this is not an entity", fix, document.file, document.line)
        )
        return None
    root = Fields(document, (), document.data, report)
    kind = _kind(root)
    metadata = root.mapping("metadata", required=True)
    if not kind or metadata is None:
        return None
    name = _name(metadata)
    namespace = _namespace(metadata)
    if not name:
        return None
    slug = slug_of(namespace, name)
    owner = (WORDS.get(kind, kind), slug)
    root.owner = metadata.owner = owner
    _check_root(root, kind)
    annotations = _strings(metadata, "annotations")
    _check_metadata(metadata, annotations)
    entity = Entity(
        kind=kind,
        word=owner[0],
        namespace=namespace,
        name=name,
        slug=slug,
        title=metadata.text("title") or name,
        description=metadata.text("description", longest=LONG),
        metadata=metadata,
        annotations=annotations,
        spec=_spec(root, kind),
    )
    for key in REQUIRED.get(kind, ()):
        entity.spec.text(key, required=True, longest=LONG if key == "owner" else LONGEST_NAME)
    return entity


def slug_of(namespace: str, name: str) -> str:
    """Return the name Andon uses in addresses: lower case, `-` for `.`, a namespace in front.

    Longer than a name may be, it is cut, and ends with a digest of the whole.
    """
    base = name.lower().replace(".", "-")
    whole = base if namespace == "default" else f"{namespace}-{base}"
    if len(whole) <= LONGEST_NAME:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_DIGEST]
    return f"{whole[: LONGEST_NAME - _DIGEST - 1].rstrip('-')}-{digest}"


def canonical(text: str, *, kind: str = "", namespace: str = "default") -> str:
    """Return a reference in full. Raises UnreadableRef, with what is missing."""
    rest = text.strip().lower()
    if ":" in rest:
        kind, _, rest = rest.partition(":")
    if "/" in rest:
        namespace, _, rest = rest.partition("/")
    if not kind:
        raise UnreadableRef(f"{text!r} does not say of what kind it is")
    if not (_NAME.fullmatch(rest) and _NAMESPACE.fullmatch(namespace) and _KIND.fullmatch(kind)):
        raise UnreadableRef(f"{text!r} is not a reference")
    return f"{kind}:{namespace}/{rest}"


def _kind(root: Fields) -> str:
    kind = root.text("kind", required=True)
    if kind and not (_KIND.fullmatch(kind) and len(kind) <= LONGEST_NAME):
        root.refuse(
            "kind", f"{kind!r} is not a kind", "Write one word, such as Component.", key="kind"
        )
        return ""
    return kind.lower()


def _name(metadata: Fields) -> str:
    name = metadata.text("name", required=True)
    if name and not (_NAME.fullmatch(name) and len(name) <= LONGEST_NAME):
        fix = "Use at most 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends."
        metadata.refuse("name", f"{name!r} is not a name", fix, key="name")
        return ""
    return name


def _namespace(metadata: Fields) -> str:
    namespace = metadata.text("namespace", default="default")
    if not (_NAMESPACE.fullmatch(namespace) and len(namespace) <= LONGEST_NAME):
        fix = "Use at most 63 lower-case letters, digits and single dashes."
        metadata.refuse("name", f"{namespace!r} is not a namespace", fix, key="namespace")
        return "default"
    return namespace


def _check_root(root: Fields, kind: str) -> None:
    for key in root.data:
        if key in ("relations", "status"):
            message = f"`{key}` is made by the catalogue, not written in files"
            root.refuse("envelope", message, f"Remove `{key}`.", key=key)
        elif key not in ROOT:
            fix = "Move it under `metadata` or `spec`."
            root.refuse("envelope", f"`{key}` does not belong at the root", fix, key=key)
    version = root.text("apiVersion", required=True)
    if kind not in WORDS:
        _check_unread(root, kind, version)
        return
    expected = (OURS,) if kind in OUR_KINDS else BACKSTAGE
    if version and version not in expected:
        message = f"{root.data['kind']} has no version {version!r}"
        root.refuse("api-version", message, f"Write {expected[0]}.", key="apiVersion")


def _check_unread(root: Fields, kind: str, version: str) -> None:
    """Report a kind without a reader, which would vanish from the catalogue without a word."""
    prefix, slash, suffix = version.rpartition("/")
    if version and not ((not slash or _is_subdomain(prefix)) and _VERSION.fullmatch(suffix)):
        fix = f"Write a lower-case domain, one `/` and a word: {OURS}."
        root.refuse("api-version", f"{version[:80]!r} is no version", fix, key="apiVersion")
    is_slip = version.lower().startswith(PREFIXES) and kind not in UNREAD
    fix = "Remove it, or leave it: objectives go into SLO documents, alerts into AlertRule."
    if is_slip:
        fix = f"Write one of: {', '.join(sorted(SPELT.values()))}."
    if root.data["kind"] in FOREIGN_KINDS:
        fix = "If it is OpenSLO, write apiVersion: openslo/v1."
    if near := near_name(kind, WORDS, cutoff=0.7):
        of = OURS if near in OUR_KINDS else BACKSTAGE[0]
        fix = f"Did you mean `kind: {SPELT[near]}` of {of}?"
    message = f"nobody reads the kind {root.data['kind']} of {version[:80] or 'no version'}"
    gravity = Gravity.ERROR if is_slip else Gravity.WARNING
    root.refuse("kind", message, fix, key="kind", gravity=gravity)


def _check_metadata(metadata: Fields, annotations: Fields) -> None:
    _check_keys(annotations)
    labels = _strings(metadata, "labels")
    _check_keys(labels)
    for key, value in labels.data.items():
        if value and not (_NAME.fullmatch(value) and len(value) <= LONGEST_NAME):
            fix = "Values of labels follow the rule for names."
            labels.refuse("label", f"the label {key!r} is {value!r}", fix, key=key)
    for tag in metadata.texts("tags"):
        if not (_TAG.fullmatch(tag) and len(tag) <= LONGEST_NAME):
            fix = "Use lower-case letters, digits, `:`, `+`, `#` and single dashes."
            metadata.refuse("tag", f"{tag!r} is not a tag", fix, key="tags")
    for link in metadata.mappings("links"):
        url = link.text("url", required=True)
        if url and not _is_address(url):
            is_mail = url.lower().startswith("mailto:")
            fix = "Write mailto:NAME@HOST." if is_mail else "Write an absolute URL: https://..."
            link.refuse("url", f"`url` is {url!r}", fix, key="url")
        link.text("title")
        link.text("icon")


def _check_keys(fields: Fields) -> None:
    for key in fields.data:
        prefix, slash, name = key.rpartition("/")
        good_prefix = not slash or _is_subdomain(prefix)
        if not (good_prefix and len(name) <= LONGEST_NAME and _NAME.fullmatch(name)):
            fix = "Write an optional lower-case domain and one `/`, then a name."
            fields.refuse("key", f"{key!r} is not a key for labels or annotations", fix, key=key)


def _is_subdomain(text: str) -> bool:
    """Return whether a text is a domain such as `andon.dev`."""
    parts = text.split(".")
    return (
        len(text) <= 253
        and _PREFIX.fullmatch(text) is not None
        and all(len(part) <= LONGEST_NAME for part in parts)
    )


def _is_address(url: str) -> bool:
    """Return whether browsers take a text for an absolute address: `http://` leads nowhere."""
    match = _LINK.fullmatch(url)
    if match is not None and match["scheme"].lower() == "mailto":
        return "@" in match["rest"].strip("@")
    if match is None or match["scheme"].lower() not in _WITH_HOST:
        return match is not None
    try:
        parts = urlsplit(f"{match['scheme']}://{match['rest'].lstrip('/')}")
        return bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except ValueError:
        return False


def _strings(metadata: Fields, key: str) -> Fields:
    fields = metadata.mapping(key)
    if fields is None:
        return Fields(metadata.document, (*metadata.path, key), {}, metadata.report, metadata.owner)
    kept: dict[str, Any] = {}
    for name, value in fields.data.items():
        if isinstance(value, str):
            kept[name] = value
            continue
        shown = str(value).lower() if isinstance(value, bool) else value
        message = f"the value of {name!r} is not text"
        fix = f'Quote it: {name}: "{shown}"'
        if name in MONEY:
            fix = f'Write it with its currency: {name}: "GBP {shown}"'
        fields.refuse("type", message, fix, key=name)
    reported = fields.data.keys() - kept.keys()
    found = (fields.document, fields.path, kept, fields.report, fields.owner)
    return Fields(*found, reported=reported)


def _spec(root: Fields, kind: str) -> Fields:
    spec = root.mapping("spec", required=kind in WORDS)
    return spec or Fields(root.document, ("spec",), {}, root.report, root.owner)


def duplicates(entities: Iterable[Entity]) -> dict[str, Entity]:
    """Return entities by reference; report those whose name, or whose address, is taken."""
    by_ref: dict[str, Entity] = {}
    by_slug: dict[tuple[str, str], Entity] = {}
    for entity in entities:
        first = by_ref.get(entity.ref) or by_slug.get((entity.word, entity.slug))
        if first is not None:
            message = f"{entity.ref} is declared before, at {first.where}"
            fix = "Keep one of the two, or give one another name."
            entity.metadata.refuse("duplicate", message, fix, key="name")
            continue
        by_ref[entity.ref] = by_slug[entity.word, entity.slug] = entity
    return by_ref


def warn(entity: Entity, rule: str, message: str, fix: str) -> None:
    """Report a warning about an entity as a whole."""
    entity.metadata.refuse(rule, message, fix, key="name", gravity=Gravity.WARNING)
