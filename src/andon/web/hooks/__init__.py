"""The hot path: alerts in, answered once they are on disk. A raw ASGI app; no Django views."""
