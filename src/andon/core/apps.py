"""Django registration."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The kernel's tables: audit entries, counters, engine heartbeats, nodes."""

    name = "andon.core"
    label = "core"
