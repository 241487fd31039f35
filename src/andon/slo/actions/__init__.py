"""Writes: declarations, generated files, rollouts and budgets."""
