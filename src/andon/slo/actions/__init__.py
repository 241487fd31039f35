"""Writes: declarations, generated files, rollouts and budgets."""

from andon.slo.actions.declare import apply_checked, apply_folder
from andon.slo.actions.rollouts import Seen, record_rollout, record_states

__all__ = ["Seen", "apply_checked", "apply_folder", "record_rollout", "record_states"]
