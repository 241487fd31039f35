"""`metadata`: the name, how it is shown, labels and annotations."""

import re

from andon.slo.rules.documents.openslo.node import LONGEST_DISPLAY, Mapped, said
from andon.slo.rules.documents.openslo.parsed import Metadata

_LABEL_KEY = re.compile(r"[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
_DNS = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_ANNOTATION_KEY = re.compile(
    rf"({_DNS}(\.{_DNS})*/)?[a-zA-Z0-9]([-._a-zA-Z0-9]{{0,61}}[a-zA-Z0-9])?"
)
_LONGEST_PREFIX = 253


def read_metadata(node: Mapped) -> Metadata:
    """Return an object's metadata, with an empty name where there is none to go by."""
    metadata = node.node("metadata", required=True)
    if metadata is None:
        return Metadata("", "", {}, {})
    metadata.only("name", "displayName", "labels", "annotations")
    return Metadata(
        name=metadata.name("name", required=True),
        display=metadata.text("displayName", longest=LONGEST_DISPLAY),
        labels=_labels(metadata),
        annotations=_annotations(metadata),
    )


def _labels(metadata: Mapped) -> dict[str, str]:
    """Return labels; several values of one key are joined by commas."""
    node = metadata.node("labels")
    found: dict[str, str] = {}
    for key, value in (node.data if node else {}).items():
        assert node is not None  # noqa: S101 - there is something to iterate over
        if not _LABEL_KEY.fullmatch(key):
            fix = "Use at most 63 letters, digits, `-`, `_` and `.`."
            node.refuse("openslo-value", "is no key of a label", fix, key=key)
            continue
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) and "\x00" not in one for one in values):
            fix = "Write a text, or a list of texts."
            node.refuse("openslo-type", f"is {said(value)}", fix, key=key)
            continue
        found[key] = ",".join(values)
    return found


def _annotations(metadata: Mapped) -> dict[str, str]:
    node = metadata.node("annotations")
    found: dict[str, str] = {}
    for key, value in (node.data if node else {}).items():
        assert node is not None  # noqa: S101 - there is something to iterate over
        if not _ANNOTATION_KEY.fullmatch(key) or len(key.rpartition("/")[0]) > _LONGEST_PREFIX:
            fix = "Write an optional lower-case domain and one `/`, then a name."
            node.refuse("openslo-value", "is no key of an annotation", fix, key=key)
        elif not isinstance(value, str) or "\x00" in value:
            node.refuse("openslo-type", f"is {said(value)}, not text", "Quote it.", key=key)
        else:
            found[key] = value
    return found
