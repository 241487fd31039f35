"""Django registration."""

from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    """Registers the package under its own name."""

    name = "andon.budgets"
    label = "budgets"
