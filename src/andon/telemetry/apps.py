"""Django registration."""

from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.telemetry"
    label = "telemetry"
