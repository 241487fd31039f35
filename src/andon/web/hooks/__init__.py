"""Inbound: the hot path that takes alerts in. `Intake` is its whole public face."""

from andon.web.hooks.app import Intake

__all__ = ["Intake"]
