"""Django registration, for the management commands only: intake has no tables of its own."""

from django.apps import AppConfig


class HooksConfig(AppConfig):
    """Registers `replay_intake` and `purge_intake`."""

    name = "andon.web.hooks"
    label = "hooks"
