"""Writes: what was measured of budgets, and the losses of their targets."""
