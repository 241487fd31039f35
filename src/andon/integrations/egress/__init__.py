"""The way out: one guard for configured URLs, what answers mean, and text made fit to travel."""

from andon.integrations.egress.client import Client, Guard, RefusedAddress, check_url

__all__ = ["Client", "Guard", "RefusedAddress", "check_url"]
