"""Routes, escalation policies, pages, notifications and their delivery; every decision with its reason."""
