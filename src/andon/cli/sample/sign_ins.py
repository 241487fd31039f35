"""The people of the sample a newcomer can sign in as, with one password between them."""

import secrets
from pathlib import Path

from andon.core import clock, files
from andon.people import actions as people
from andon.people import queries

ADMIN = "admin"
#: Who signs in, and what they do at Fruits R Us.
PEOPLE = (
    ("ben", "developer in the Checkout team, on its rota"),
    ("priya", "product manager of Shopping, whose budget bears what its cover costs"),
    ("rowan", "head of delivery, who closes the books"),
    (ADMIN, "administrator"),
)
_BY = "andon up --sample"


def prepare(*, home: Path) -> str:
    """Return the password of the sample's people, made once and kept in ANDON_HOME."""
    path = home / "sample-password"
    kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
    if kept and queries.find_profile(slug=ADMIN):
        return kept
    now = clock.now()
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    files.write_whole(path, password.encode("ascii"), mode=0o600)
    if not queries.find_profile(slug=ADMIN):
        people.create_person(
            slug=ADMIN,
            name="Sample Administrator",
            now=now,
            by=_BY,
            is_staff=True,
            is_superuser=True,
        )
    there = queries.names(slugs=[slug for slug, _ in PEOPLE])
    for slug, _ in PEOPLE:
        if slug in there:
            people.set_password(slug=slug, password=password, by=_BY, now=now)
    return password
