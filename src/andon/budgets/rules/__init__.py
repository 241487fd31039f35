"""How much of a budget is left, what follows from it, and when a target was lost."""
