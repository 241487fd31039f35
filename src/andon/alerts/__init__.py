"""Intake: received alerts, deduplicated and durable; integration keys; the raw log of it all."""
