"""Writes: load, decide, save."""

from andon.slo.actions.declare import apply_checked, apply_folder

__all__ = ["apply_checked", "apply_folder"]
