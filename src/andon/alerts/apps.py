"""Django registration."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.alerts"
    label = "alerts"
