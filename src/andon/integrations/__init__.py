"""One folder per tool: its receiver, its transport, or both. Strangers to each other."""
