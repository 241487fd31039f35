"""Incidents: lifecycle, severity class, timeline, time to restore, money lost."""
