"""Error budgets read from what the generated rules record: kept, judged and shown."""
