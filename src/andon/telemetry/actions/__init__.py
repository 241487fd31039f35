"""Writes: generated files, which need no database, and what came of bringing them into force."""
