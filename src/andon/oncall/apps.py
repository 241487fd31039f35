"""Django registration."""

from django.apps import AppConfig


class OncallConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.oncall"
    label = "oncall"
