"""What Grafana reads at its start: where the dashboards lie and where the data is."""

from andon.slo.types import Estate

#: Grafana puts environment variables into provisioning files.
_FOLDER = "$ANDON_TELEMETRY_DIR/grafana/dashboards"
_ADDRESS = "$ANDON_PROMETHEUS_URL"


def dashboards() -> dict[str, object]:
    """Return the provider of the generated dashboards; folders as on disk."""
    provider = {
        "name": "andon",
        "type": "file",
        "disableDeletion": False,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 60,
        "options": {"path": _FOLDER, "foldersFromFilesStructure": True},
    }
    return {"apiVersion": 1, "providers": [provider]}


def datasources(*, estate: Estate) -> dict[str, object]:
    """Return the data source that the dashboards choose first."""
    source = {
        "name": "Andon's metrics",
        "type": "prometheus",
        "access": "proxy",
        "uid": estate.rules.datasource_uid,
        "url": _ADDRESS,
        "editable": False,
        "jsonData": {
            "httpMethod": "POST",
            "timeInterval": f"{int(estate.rules.scrape_interval.total_seconds())}s",
        },
    }
    return {"apiVersion": 1, "datasources": [source]}
