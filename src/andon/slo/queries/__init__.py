"""Reads: rows in, values out. The number of queries never grows with the number of objectives."""

from andon.slo.queries.declared import alerts, declarations, estate, objectives

__all__ = ["alerts", "declarations", "estate", "objectives"]
