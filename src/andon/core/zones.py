"""Which zone data counts: the newer of the system's and the `tzdata` package's.

`zoneinfo` takes the system's whenever it is there, however old, so that two machines with the same
lock file could put one handover an hour apart. `andon/__init__` calls `use_newest` before any zone
is read, so it holds in every process that imports anything of Andon.
"""

import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: Where a folder of compiled zones says its release: IANA's own, then the BSDs' and macOS's.
_TELLING = ("tzdata.zi", "+VERSION", "version")
_RELEASE = re.compile(r"(?:#\s*version\s+)?(\d{4})([a-z]*)")


@dataclass(frozen=True, slots=True)
class ZoneData:
    """A set of zones: its IANA release ("" when it does not say), and its folder."""

    version: str
    #: None for the `tzdata` package.
    folder: Path | None = None

    def __str__(self) -> str:
        """Say which release it is, and whose."""
        whose = "the tzdata package" if self.folder is None else str(self.folder)
        return f"{self.version or 'of an unknown release'} ({whose})"


def newest(*, package: ZoneData | None, folders: Sequence[ZoneData]) -> ZoneData | None:
    """Return the zone data with the latest release; None when there is none.

    Of two alike the package is taken, then the folder that comes first. One that does not say its
    release is the oldest.
    """
    found = [*([package] if package else []), *folders]
    return max(found, key=lambda one: _order(one.version), default=None)


def use_newest() -> None:
    """Let `zoneinfo` read the newest zone data there is, and forget what it has read.

    Names that a folder lacks still come from the package.
    """
    global _used  # noqa: PLW0603 - there is one process
    folders = [_of_folder(Path(text)) for text in zoneinfo.TZPATH if Path(text).is_dir()]
    _used = newest(package=_of_package(), folders=folders)
    zoneinfo.reset_tzpath([str(_used.folder)] if _used and _used.folder else [])
    zoneinfo.ZoneInfo.clear_cache()


def used() -> ZoneData:
    """Return the zone data that this process reckons with."""
    return _used or ZoneData("")


def _of_package() -> ZoneData | None:
    try:
        import tzdata  # noqa: PLC0415 - a distribution may leave it out
    except ImportError:
        return None
    return ZoneData(tzdata.IANA_VERSION)


def _of_folder(folder: Path) -> ZoneData:
    for name in _TELLING:
        try:
            with (folder / name).open(encoding="utf-8", errors="replace") as file:
                said = _RELEASE.match(file.readline(100))
        except OSError:
            continue
        if said:
            return ZoneData(said[1] + said[2], folder)
    return ZoneData("", folder)


def _order(version: str) -> tuple[int, int, str]:
    """Return what releases sort by: 2025b, 2025z, 2025za, 2026a."""
    said = _RELEASE.match(version)
    return (int(said[1]), len(said[2]), said[2]) if said else (0, 0, "")


_used: ZoneData | None = None
