"""Routes, escalation, pages, notifications and their delivery; every decision with its reason."""
