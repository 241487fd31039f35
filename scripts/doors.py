"""The import contract of doors: from outside, a package is entered only by its faces."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application.contract_utils import AlertLevel, remove_ignored_imports


class Doors(Contract):
    """Refuse what another package imports of `packages`, unless it stands in one of `faces`.

    Names what is open, not what is shut, so that a new room of a package is shut by itself.
    `ignore_imports` is the list of exceptions; one that is no longer needed is an error.
    """

    packages = fields.SetField(subfield=fields.ModuleField())
    faces = fields.SetField(subfield=fields.StringField())
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        """Return the imports that go round the doors."""
        warnings = remove_ignored_imports(graph, self.ignore_imports, AlertLevel.ERROR)
        found = []
        for package in sorted(module.name for module in self.packages):
            rooms = graph.find_children(package)
            shut = rooms - {f"{package}.{face}" for face in self.faces}
            inside = graph.find_descendants(package) | {package}
            for module in shut | {one for room in shut for one in graph.find_descendants(room)}:
                importers = graph.find_modules_that_directly_import(module) - inside
                found += [f"{importer} -> {module}" for importer in importers]
        return ContractCheck(kept=not found, warnings=warnings, metadata={"found": sorted(found)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that goes round the doors."""
        for one in check.metadata["found"]:
            output.print_error(one, bold=False)
        faces = ", ".join(sorted(self.faces))
        output.print_error(f"From outside a package only {faces} are imported.", bold=False)
