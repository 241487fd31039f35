"""Django registration."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.catalogue"
    label = "catalogue"
