"""YAML files into documents that remember where every key stands.

YAML is read by the rules of version 1.2, as Backstage does: `no` and `17:00` are text, not false
and 1020. Aliases are followed, but a document may not grow without end through them.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import yaml

from andon.core.documents import yamls
from andon.core.documents.document import MOST_BYTES, Document, Path_, ReadFolder
from andon.core.documents.problems import DocumentProblem, Unread

try:
    _BASE: type[Any] = yaml.CSafeLoader
except AttributeError:  # PyYAML built without libyaml: slower, and otherwise the same
    _BASE = yaml.SafeLoader

SUFFIXES = (".yaml", ".yml")
#: JSON is for documents of this kind; other JSON files of a folder are none of ours.
JSON, JSON_MARK = ".json", b"openslo"
#: Larger than any honest catalogue; keeps a hostile document from filling the memory.
MOST_NODES = 200_000
MOST_DEPTH = 40
MOST_DIGITS = 300
#: Suffixes of files whose names are a slip, if they hold an entity. `.bak` is put aside on purpose.
_LIKE_TEXT = ("", ".txt", ".text", ".yam", ".ymal", ".yalm", ".ym")
_ENTITY = re.compile(rb"(?m)^apiVersion:\s*['\"]?(?:andon\.dev|backstage\.io|openslo)/")
_LOOKED_AT = 100_000
_TOO_LARGE = "the document is too large or nested too deeply"

_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_folder(folder: Path) -> ReadFolder:
    """Return every document under a folder, hidden files left out, and what could not be read."""
    documents: list[Document] = []
    problems: list[DocumentProblem] = []
    for path in _files(folder):
        name = shown(path.relative_to(folder) if path != folder else Path(path.name))
        try:
            text = path.read_bytes()
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}"
            problems.append(DocumentProblem("yaml", message, "Let Andon read it.", name, 1))
            continue
        if path.suffix.lower() == JSON and JSON_MARK not in text:
            continue
        found, trouble = read_text(text, file=name)
        documents += found
        problems += trouble
    return ReadFolder(shown(folder), documents, [*problems, *_passed_over(folder)])


def read_text(text: bytes | str, *, file: str) -> tuple[list[Document], list[DocumentProblem]]:
    """Return the documents of one file, up to the first place where it is not YAML."""
    documents: list[Document] = []
    if len(text) > MOST_BYTES:
        trouble = DocumentProblem("yaml", "the file is larger than 20 MB", "Split it.", file, 1)
        return documents, [trouble]
    problems: list[DocumentProblem] = []
    try:
        for root in yaml.compose_all(text, Loader=_Loader):
            if root is None:
                continue
            document = Document(file, root.start_mark.line + 1, None)
            document.data = _Plain(document, problems).value(root, ())
            if document.data is not None:
                documents += _elements(document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problems.append(_broken(error.problem or "this is not YAML", file, line, text))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(_broken(str(error), file, 1, text))
    except _TooLarge as error:
        problems.append(_broken(str(error), file, error.line, text))
    return documents, problems


def _elements(document: Document) -> list[Document]:
    """Return the objects of a list as documents of their own; OpenSLO's files may be such lists."""
    if not isinstance(document.data, list) or not any(_is_versioned(one) for one in document.data):
        return [document]
    lines: list[dict[Path_, int]] = [{} for _ in document.data]
    for path, line in document.lines.items():
        if len(path) > 1:
            lines[int(path[0])][path[1:]] = line
    return [
        Document(document.file, document.lines[(str(index),)], one, lines[index])
        for index, one in enumerate(document.data)
    ]


def _is_versioned(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("apiVersion"), str)


class _TooLarge(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _Loader(_BASE):  # type: ignore[misc]
    """Refuses deep nesting while nodes are made: libyaml's recursion would end the process."""

    depth = 0

    def descend_resolver(self, current_node: yaml.Node | None, _index: object) -> None:
        self.depth += 1
        if current_node is not None and self.depth > MOST_DEPTH + 1:
            raise _TooLarge(_TOO_LARGE, _line(current_node))

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _Plain:
    """Turns the nodes of one document into plain values, noting lines and problems."""

    def __init__(self, document: Document, problems: list[DocumentProblem]) -> None:
        self.document = document
        self.problems = problems
        self.seen = 0

    def value(self, node: yaml.Node, path: Path_) -> Any:
        self.seen += 1
        if self.seen > MOST_NODES or len(path) > MOST_DEPTH:
            raise _TooLarge(_TOO_LARGE, _line(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        self._check_tag(node, "seq")
        values: list[Any] = []
        for index, item in enumerate(node.value):
            here = (*path, str(index))
            self.document.lines[here] = _line(item)
            values.append(self.value(item, here))
        return values

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        self._check_tag(node, "map")
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or key == "<<":
                self._note("yaml", "keys are plain text; merge keys are not read", key_node)
                continue
            if key in values:
                self._note("yaml", f"the key {key!r} stands here twice", key_node)
            here = (*path, key)
            self.document.lines[here] = _line(key_node)
            values[key] = self.value(value_node, here)
        return values

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        if node.style or node.tag == _TAG + "str":
            return text
        if not node.tag.startswith(_TAG):
            self._check_tag(node, "str")
            return text
        if text in _WORDS:
            return _WORDS[text]
        # Python refuses to read whole numbers of thousands of digits; no honest one has as many.
        if _INT.fullmatch(text) and len(text) <= MOST_DIGITS:
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text

    def _check_tag(self, node: yaml.Node, plain: str) -> None:
        if node.tag != _TAG + plain:
            self._note("yaml", f"the tag {node.tag!r} is not read", node)

    def _note(self, rule: str, message: str, node: yaml.Node) -> None:
        fix = "Write the value out in full." if "tag" in message else "Keep each key once, as text."
        self.problems.append(DocumentProblem(rule, message, fix, self.document.file, _line(node)))


def _files(folder: Path) -> Iterator[Path]:
    for path in _all_files(folder):
        if path.suffix.lower() in (*SUFFIXES, JSON):
            yield path


def _all_files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _passed_over(folder: Path) -> Iterator[DocumentProblem]:
    """Yield an error for each file that is not read for its name, and looks as if it should be."""
    for path in _all_files(folder):
        if path.suffix.lower() not in _LIKE_TEXT or not _is_meant(path):
            continue
        name = shown(path.relative_to(folder) if path != folder else Path(path.name))
        better = path.name.removesuffix(path.suffix).removesuffix(".yaml") + ".yaml"
        message = "the file is not read: the catalogue's files end in .yaml or .yml"
        fix = f"Rename it to {shown(Path(better))}, or take it out of the folder."
        text = path.read_text(encoding="utf-8", errors="replace")[:MOST_BYTES]
        yield Unread("file-name", message, fix, name, 1, text=text)


def _is_meant(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _ENTITY.search(file.read(_LOOKED_AT)) is not None
    except OSError:
        return False


def shown(path: PurePath) -> str:
    """Return a file's name as text that can be printed and stored: names need not be UTF-8."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _broken(message: str, file: str, line: int, text: bytes | str) -> DocumentProblem:
    """Return what is wrong with a file that is no YAML, and how the line comes to be wrong."""
    whole = text if isinstance(text, str) else text.decode("utf-8", "replace")
    lines = whole.splitlines()
    message, fix = yamls.explained(message, lines[line - 1] if line <= len(lines) else "")
    return Unread("yaml", message, fix, file, line, text=whole)
