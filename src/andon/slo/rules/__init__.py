"""What is decided about objectives: burn rates, rules, texts, budgets. Pure."""
