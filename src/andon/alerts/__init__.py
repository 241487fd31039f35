"""Intake: received alerts, deduplicated and durable; integration keys; the raw log they are replayed from."""
