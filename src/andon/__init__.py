"""Andon: run You Build It You Run It at scale."""

__version__ = "0.1.0"
