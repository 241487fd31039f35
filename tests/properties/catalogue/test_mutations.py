"""Whatever stands in the files, the check answers with problems and never falls over."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.catalogue.rules.documents import check
from andon.core.documents import source

EXAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"


FILES = ("organisation.yaml", "incident-managers.yaml", "shopping/checkout.yaml")


ENTITIES = [
    document.data
    for name in FILES
    for document in source.read_text((EXAMPLE / name).read_text(), file=name)[0]
]


VALUES = st.sampled_from(
    [None, "", "x", 0, -1, 7, 1.5, True, [], ["x"], [None], {}, {"x": "y"}, [{}], "a/b", ":", "=",
     "99.9", "GBP 1", "9999-12-31/9999-12-31=99.9", "P99999999999D", "component:", "../x", "\u0000"]
)  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        inner = [path for key, one in value.items() for path in paths(one, (*at, key))]
    elif isinstance(value, list):
        inner = [path for index, one in enumerate(value) for path in paths(one, (*at, index))]
    else:
        inner = []
    return [at, *inner] if at else inner


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


@st.composite
def mutated(draw: st.DrawFn) -> list[Any]:
    entities = copy.deepcopy(ENTITIES)
    for _ in range(draw(st.integers(1, 4))):
        new = copy.deepcopy(draw(VALUES))
        put(entities, draw(st.sampled_from(paths(entities))), new)
    return entities


@given(mutated())
@settings(max_examples=150, deadline=None)
def test_a_mutated_catalogue_is_checked_to_the_end(entities):
    text = "\n---\n".join(json.dumps(one) for one in entities)
    documents, problems = source.read_text(text, file="f.yaml")
    found = check.check_documents(documents, problems)
    for one in found.problems:
        assert one.line >= 1
        assert one.message
        assert one.fix
