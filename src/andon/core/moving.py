"""Migrations by which a package takes models over from another one, with their rows."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations import AlterModelTable, CreateModel, RunPython, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation

#: What a migration with `taken_over` depends on, beside the last one of the other package.
CONTENT_TYPES = ("contenttypes", "0002_remove_content_type_name")


def taken_over(*, source: str, target: str, models: Sequence[CreateModel]) -> list[Operation]:
    """Return operations that give tables of `source` to `target` under its name.

    The models are as they stand in `source`, whose next migration forgets them in its state alone.
    Django's names of them (content types) go along, so that permissions stay those they were.
    """
    known: list[Operation] = []
    for model in models:
        old = {**model.options, "db_table": f"{source}_{model.name_lower}"}
        known.append(CreateModel(model.name, model.fields, old, model.bases, model.managers))
    names = [model.name_lower for model in models]

    def rename(old: str, new: str) -> Any:
        def run(apps: Any, _: Any) -> None:
            rows = apps.get_model("contenttypes", "ContentType").objects
            rows.filter(app_label=old, model__in=names).update(app_label=new)

        return run

    return [
        SeparateDatabaseAndState(state_operations=known),
        *(AlterModelTable(model.name, None) for model in models),
        RunPython(rename(source, target), rename(target, source)),
    ]
