"""The edges people and machines reach over HTTP: hooks, api, portal."""
