"""Inbound: the hot path that takes alerts in. `app.Intake` is its whole public face."""
