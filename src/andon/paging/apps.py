"""Django registration."""

from django.apps import AppConfig


class PagingConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.paging"
    label = "paging"
