"""Prometheus and those that speak its HTTP API: VictoriaMetrics and vmalert."""
