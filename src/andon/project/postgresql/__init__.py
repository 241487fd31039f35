"""Django's PostgreSQL backend with bounded patience: see `base`."""
