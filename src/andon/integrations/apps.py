"""Django registration: whatever starts Django knows all kinds."""

from django.apps import AppConfig

from andon.integrations import gathering


class IntegrationsConfig(AppConfig):
    """Gathers what the folders declare."""

    name = "andon.integrations"
    label = "integrations"

    def ready(self) -> None:
        """Declare every kind before anything asks for one."""
        gathering.gather()
