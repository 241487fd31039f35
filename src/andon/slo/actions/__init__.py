"""Writes: declarations, generated files, rollouts and budgets."""

from andon.slo.actions.declare import apply_checked, apply_folder

__all__ = ["apply_checked", "apply_folder"]
