"""Alertmanager: the webhook of Prometheus Alertmanager, version 4 of its format."""
