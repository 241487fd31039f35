"""Rules, routes and dashboards generated from objectives, and how they are brought into force."""
