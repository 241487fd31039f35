"""Ways in, for tests: links that open an account, and who a browser is signed in as."""

from django.test import Client

from andon.core import clock
from andon.people import actions, rules


def said(response: object) -> str:
    """Return what a page says."""
    return getattr(response, "content").decode()  # noqa: B009


def link_of(slug: str) -> str:
    """Return the path of a new link that signs somebody in."""
    secret = actions.make_sign_in_link(person=slug, by="test", now=clock.now())
    return rules.sign_in_link(base_url="", plain=secret.plain)


def set_up_path() -> str:
    """Return the path of a new link that makes the first administrator."""
    secret = actions.make_set_up_link(by="andon up", now=clock.now())
    return rules.set_up_link(base_url="", plain=secret.plain)


def who(client: Client) -> str:
    """Return the slug of who is signed in, or nothing."""
    place = str(client.get("/people/me/")["Location"])
    return place.split("/")[2] if place.startswith("/people/") else ""
