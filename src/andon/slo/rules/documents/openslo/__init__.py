"""OpenSLO v1: read strictly, then bound to the catalogue's services (https://openslo.com)."""
