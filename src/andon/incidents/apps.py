"""Django registration."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.incidents"
    label = "incidents"
