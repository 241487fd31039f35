"""Django registration."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.people"
    label = "people"
