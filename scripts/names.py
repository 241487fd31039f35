#!/usr/bin/env python3
"""Find names that nobody needs, and names that mean two things. Runs inside .venv.

A name defined in `src` that nothing in `src` uses is dead, however well it is tested. What a
framework finds by itself is recognised by how it finds it: a decorator that registers, a base class
of another library, a dotted path in a string, a template. `SPARED` holds the rest, with reasons.

A package whose `__init__` gives a submodule's name to something else has one name for two things:
`from package import name` is the module or the function, by who imported what before.
"""

import ast
import contextlib
import importlib
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Names, or all of a module, that stay although nothing in `src` uses them: what for, until when.
SPARED: dict[str, str] = {
    "andon.catalogue.actions.apply.apply_folder": "benches and tests apply a folder by it alone",
    "andon.catalogue.rules.documents.rulebook.RULES": "tests hold the readers and the page to it",
    "andon.cli.sample.mailbox.Mailbox.handle_DATA": "aiosmtpd calls it by its name",
    "andon.core.moving": "migrations move tables between packages by it",
    "andon.people.models.PersonManager.create_superuser": "`andon admin createsuperuser` calls it",
    "andon.project.postgresql.pool.Pool.getconn": "Django asks its pool for a connection by it",
    "andon.slo.rules.documents.rulebook.RULES": "tests hold the readers and the page to it",
    "andon.web.portal.urls.IncidentReference.to_python": "Django asks its converters by it",
    "andon.web.portal.urls.IncidentReference.to_url": "Django asks its converters by it",
}

#: Django looks for these in a module of addresses or of a database, an ASGI server in its module.
_LOOKED_FOR = {"urlpatterns", "app_name", "application", "DatabaseWrapper"} | {
    f"handler{n}" for n in (400, 403, 404, 500)
}
#: `andon.integrations` looks for these in the modules of each folder.
_GATHERED = {"kind": {"CONTACT", "KEY"}, "transport": {"transport"}, "receiver": {"RECEIVER"}}
#: Classes that Django finds because of what they are.
_FOUND_BY_BASE = {"django.apps.AppConfig", "django.core.management.base.BaseCommand"}
#: Methods whose names a library puts together: `clean_` and a field's name.
_BY_PREFIX = {"clean_": "django.forms", "resolve_": "ninja"}
_WORD = re.compile(r"[A-Za-z_]\w*")
_DOTTED = re.compile(r"[a-z_]\w*(?:[.:]\w+)+")
_TAG = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Module:
    """A module as read: its tree, and what its imported names stand for."""

    name: str
    tree: ast.Module
    #: Functions import too, several of them one name of several modules.
    imports: dict[str, set[str]] = field(default_factory=dict)
    #: Names bound at its top, with what binds them.
    bound: dict[str, list[ast.AST]] = field(default_factory=dict)


class Source:
    """All modules under a folder, and what they use of each other."""

    def __init__(self, folder: Path) -> None:
        self.modules: dict[str, Module] = {}
        self.packages: set[str] = set()
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            if "migrations" in parts:
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if parts[-1] == "__init__":
                self.packages.add(name)
            self.modules[name] = _read(name, file)
        pages = [file.read_text(encoding="utf-8") for file in folder.rglob("*.html")]
        self.shown = {
            word for text in pages for tag in _TAG.findall(text) for word in _WORD.findall(tag)
        }

    def resolve(self, path: str) -> str:
        """Return where a dotted path is defined, through the imports of packages."""
        for _ in range(9):
            module = self._module_of(path)
            first, _, rest = path[len(module) + 1 :].partition(".")
            onward = self.modules[module].imports.get(first, ()) if module and first else ()
            if len(onward) != 1 or path in onward:
                return path
            [target] = onward
            path = f"{target}.{rest}" if rest else target
        return path

    def stands_for(self, module: Module, chain: str) -> list[str]:
        """Return what a dotted name in a module may mean; nothing if it is not imported."""
        head, _, rest = chain.partition(".")
        found = module.imports.get(head, ())
        return [self.resolve(f"{path}.{rest}" if rest else path) for path in found]

    def _module_of(self, path: str) -> str:
        while path and path not in self.modules:
            path = path.rpartition(".")[0]
        return path

    def is_module(self, path: str) -> bool:
        """Return whether it is a module: of ours, or of a library that can be imported."""
        if path.split(".", maxsplit=1)[0] in {name.split(".")[0] for name in self.modules}:
            return path in self.modules
        return _is_importable(path)

    def uses(self, module: Module, node: ast.AST) -> Iterator[str]:
        """Yield the paths that a piece of a module uses; of other libraries too."""
        for one in (*ast.walk(node), *_quoted(node)):
            if isinstance(one, ast.Name):
                yield from self.stands_for(module, one.id) or [f"{module.name}.{one.id}"]
            elif isinstance(one, ast.Attribute) and (chain := _chain(one)):
                yield from self.stands_for(module, chain)
        for text in _texts(node):
            for path in _DOTTED.findall(text):
                yield self.resolve(path.replace(":", "."))


def _read(name: str, file: Path) -> Module:
    module = Module(name, ast.parse(file.read_text(encoding="utf-8")))
    for node in ast.walk(module.tree):
        for target, path in _imported(node):
            module.imports.setdefault(target, set()).add(path)
    for node in _at_the_top(module.tree.body):
        for target in _targets(node):
            module.bound.setdefault(target, []).append(node)
    return module


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for one in node.names:
            head = one.name.split(".")[0]
            yield (one.asname, one.name) if one.asname else (head, head)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for one in node.names:
            yield one.asname or one.name, f"{node.module}.{one.name}"


def _at_the_top(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _at_the_top(node.body)
            yield from _at_the_top(getattr(node, "orelse", ()))


def _targets(node: ast.stmt) -> list[str]:
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [one.id for one in targets if isinstance(one, ast.Name)]


def _texts(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def _chain(node: ast.expr) -> str:
    """Return `a.b.c` of an expression that is nothing but names and dots."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _quoted(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in annotations written as text, because their names come further down."""
    for one in ast.walk(node):
        for part in (getattr(one, "annotation", None), getattr(one, "returns", None)):
            for text in ast.walk(part) if part else ():
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    with contextlib.suppress(SyntaxError):  # words of help, not a type
                        yield from ast.walk(ast.parse(text.value, mode="eval"))


def unused(source: Source, *, entries: Iterable[str] = ()) -> list[str]:
    """Return the public names that nothing in the source leads to."""
    places = {
        f"{module.name}.{name}": (module, node)
        for module in source.modules.values()
        for name, nodes in module.bound.items()
        for node in nodes[:1]
        if not isinstance(node, ast.Import | ast.ImportFrom)
    }
    reached: set[str] = set()
    waiting = [*map(source.resolve, entries), *_roots(source, places)]
    while waiting:
        path = waiting.pop()
        while path and path not in places:
            path = path.rpartition(".")[0]
        if path and path not in reached:
            reached.add(path)
            module, _ = places[path]
            for node in module.bound[path.rpartition(".")[2]]:
                waiting.extend(source.uses(module, node))
    dead = {path for path in places.keys() - reached if _is_public(path)}
    return sorted(dead | set(_unused_methods(source, dead)))


def _is_public(path: str) -> bool:
    return not path.rpartition(".")[2].startswith("_")


def _roots(source: Source, places: dict[str, tuple[Module, ast.AST]]) -> Iterator[str]:
    """Yield what is used by code that runs on import, and what a framework finds by itself."""
    named: set[str] = set()
    for module in source.modules.values():
        for node in _at_the_top(module.tree.body):
            if not _targets(node) and not isinstance(node, ast.If | ast.Try | ast.With):
                yield from source.uses(module, node)
        named.update(_texts(module.tree))
    for path, (module, node) in places.items():
        constant = not isinstance(node, (*_FUNCTIONS, ast.ClassDef))
        name = path.rpartition(".")[2]
        setting = constant and name.isupper() and module.name in named
        known = name in _LOOKED_FOR or _is_gathered(module, name)
        if setting or known or _is_registered(source, module, node):
            yield path


def _is_gathered(module: Module, name: str) -> bool:
    """Return whether a folder of integrations is asked for it."""
    package, _, last = module.name.rpartition(".")
    return package.startswith("andon.integrations.") and name in _GATHERED.get(last, ())


def _is_registered(source: Source, module: Module, node: ast.AST) -> bool:
    """Return whether a decorator hands it to an object, or its base class is looked for."""
    for decorator in getattr(node, "decorator_list", ()):
        chain = _chain(decorator.func if isinstance(decorator, ast.Call) else decorator)
        heads = source.stands_for(module, chain.split(".")[0])
        if "." in chain and not any(source.is_module(head) for head in heads):
            return True
        if "django.contrib.admin.register" in source.stands_for(module, chain):
            return True
    return any(base in _FOUND_BY_BASE for base in _bases(source, module, node))


def _bases(source: Source, module: Module, node: ast.AST) -> list[str]:
    found = []
    for base in getattr(node, "bases", ()):
        inner = base.value if isinstance(base, ast.Subscript) else base
        chain = _chain(inner)
        found += source.stands_for(module, chain) or [f"{module.name}.{chain}"]
    return found


def _unused_methods(source: Source, dead: set[str]) -> Iterator[str]:
    classes = {
        f"{module.name}.{node.name}": (module, node)
        for module in source.modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }
    spoken, families = set(source.shown), {path: {path} for path in classes}
    for module in source.modules.values():
        spoken.update(_spoken(module.tree))
    for path, (module, node) in classes.items():
        for base in _bases(source, module, node):
            families.setdefault(base, set()).add(path)
    for path in classes.keys() - dead:
        outside = _outside(source, classes, families, path)
        for name in _methods(classes[path][1]):
            if path not in spoken and name not in spoken and not _is_called(outside, name):
                yield f"{path}.{name}"


def _outside(
    source: Source,
    classes: dict[str, tuple[Module, ast.ClassDef]],
    families: dict[str, set[str]],
    path: str,
) -> set[str]:
    """Return the classes of other libraries beside which a class stands, above and below it."""
    found, seen, waiting = set(), set(), [path, *families[path]]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if one in classes:
            waiting.extend(_bases(source, *classes[one]))
        else:
            found.add(one)
    return found


def _is_called(outside: set[str], name: str) -> bool:
    """Return whether a class of another library knows a method, and so calls it."""
    for base in outside:
        module, _, own = base.rpartition(".")
        if any(name.startswith(one) and base.startswith(lib) for one, lib in _BY_PREFIX.items()):
            return True
        if hasattr(_load(module, own), name):
            return True
    return False


def _spoken(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
    yield from _texts(tree)


def _methods(node: ast.ClassDef) -> Iterator[str]:
    for one in node.body:
        decorators = getattr(one, "decorator_list", ())
        registered = any("." in _chain(getattr(each, "func", each)) for each in decorators)
        if isinstance(one, _FUNCTIONS) and not one.name.startswith("_") and not registered:
            yield one.name


def _is_importable(path: str) -> bool:
    try:
        importlib.import_module(path)
    except ImportError:
        return False
    return True


def _load(module: str, name: str) -> object:
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def doubled(source: Source) -> list[str]:
    """Return the names that a package's `__init__` takes from a submodule for something else."""
    found = []
    for package in sorted(source.packages):
        module = source.modules[package]
        for name in {*module.bound, *module.imports}:
            path = f"{package}.{name}"
            if path in source.modules and module.imports.get(name, {}) != {path}:
                found.append(path)
    return sorted(found)


def faults(folder: Path, *, spared: Mapping[str, str], entries: Iterable[str] = ()) -> list[str]:
    """Return what is to be mended, a line for each name."""
    source = Source(folder)
    dead = unused(source, entries=entries)
    kept = {path: [one for one in dead if f"{one}.".startswith(f"{path}.")] for path in spared}
    spared_names = {one for names in kept.values() for one in names}
    return [
        *(f"{path}: nothing in src uses it; give it a caller, or remove it with its tests"
          for path in dead if path not in spared_names),
        *(f"{path}: spared in scripts/names.py, but used or gone; spare it no longer"
          for path, names in kept.items() if not names),
        *(f"{path}: a module and something else of one name; rename one of them"
          for path in doubled(source)),
    ]  # fmt: skip


def _entries() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [one.replace(":", ".") for one in project["scripts"].values()]


def main() -> int:
    """Print what is found; return the exit status."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "andon.project.settings")
    importlib.import_module("django").setup()
    found = faults(ROOT / "src", spared=SPARED, entries=_entries())
    for line in found:
        print(line)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
