"""The worker: the ordered list of stages, their leases and their heartbeat."""
