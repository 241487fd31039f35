"""Django registration."""

from django.apps import AppConfig


class SloConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.slo"
    label = "slo"
