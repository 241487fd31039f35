"""Andon: run You Build It You Run It at scale."""

from andon.core import zones

__version__ = "0.1.0"

# Here, as no process of Andon's can do without this file: a zone read earlier would stay old.
zones.use_newest()
