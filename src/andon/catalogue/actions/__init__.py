"""Writes: a folder of files becomes the catalogue."""

from andon.catalogue.actions.apply import Plan, UnableToApply, apply_checked, apply_folder
from andon.catalogue.actions.findings import record_problems
from andon.catalogue.actions.locking import lock_rota

__all__ = ["Plan", "UnableToApply", "apply_checked", "apply_folder", "lock_rota", "record_problems"]
