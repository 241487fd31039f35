"""Django registration."""

from django.apps import AppConfig


class CostingConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.costing"
    label = "costing"
