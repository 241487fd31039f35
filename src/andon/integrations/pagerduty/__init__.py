"""PagerDuty: a drop-in server for Events API v2."""
