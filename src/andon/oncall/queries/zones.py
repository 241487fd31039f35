"""The names of time zones, from the `tzdata` package."""

from collections.abc import Mapping
from functools import cache
from importlib import resources


def canonical_zone(*, name: str) -> str:
    """Return the present name of a renamed zone: `Asia/Kolkata` for `Asia/Calcutta`.

    A name that a country still uses is kept, although the database may join it to a neighbour's.
    """
    return _links().get(name, name)


@cache
def _links() -> Mapping[str, str]:
    folder = resources.files("tzdata") / "zoneinfo"
    in_use = {"UTC"}
    for line in (folder / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            in_use.add(line.split("\t")[2].strip())
    found = {}
    for line in (folder / "tzdata.zi").read_text(encoding="utf-8").splitlines():
        if line.startswith("L "):
            _, target, link = line.split()
            if link not in in_use:
                found[link] = target
    return {link: found.get(target, target) for link, target in found.items()}
