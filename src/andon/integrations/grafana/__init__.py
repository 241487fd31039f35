"""Grafana: dashboards and provisioning files, generated from the catalogue and the objectives."""
