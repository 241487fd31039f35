"""The seeds' telemetry pipeline on loopback: exporter, VictoriaMetrics, vmalert, Alertmanager."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support import components

#: Requests a second the exported service is said to serve.
RATE = 200


class Exporter:
    """The metrics of services: counters grow with time, by the error ratios that are set."""

    def __init__(self, *services: str) -> None:
        self._lock = threading.Lock()
        self._since = time.monotonic()
        self._ratios = dict.fromkeys(services, 0.0)
        self._good = dict.fromkeys(services, 0.0)
        self._bad = dict.fromkeys(services, 0.0)
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = exporter.metrics().encode()
                self.send_response(200)
                self.send_header("content-type", "text/plain; version=0.0.4")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def set_broken(self, broken: bool) -> None:
        """Let every request of every service fail, or none."""
        self.set_ratios(**dict.fromkeys(self._ratios, float(broken)))

    def set_ratios(self, **ratios: float) -> None:
        """Let this share of a service's requests fail from now on."""
        with self._lock:
            self._advance()
            self._ratios.update(ratios)

    def counted(self, service: str) -> tuple[float, float]:
        """Return a service's bad requests and all of them so far."""
        with self._lock:
            self._advance()
            return self._bad[service], self._good[service] + self._bad[service]

    def metrics(self) -> str:
        lines = ["# TYPE http_requests_total counter"]
        with self._lock:
            self._advance()
            for service in self._ratios:
                for code, count in (("200", self._good[service]), ("500", self._bad[service])):
                    lines.append(
                        f'http_requests_total{{service="{service}",code="{code}"}} {count}'
                    )
        return "\n".join(lines) + "\n"

    def _advance(self) -> None:
        now = time.monotonic()
        grown = (now - self._since) * RATE
        self._since = now
        for service, ratio in self._ratios.items():
            self._bad[service] += grown * ratio
            self._good[service] += grown * (1 - ratio)


@dataclass
class Pipeline:
    """Where the running pieces listen."""

    exporter: Exporter
    alertmanagers: list[str]


def rules(service: str) -> str:
    """Return an availability alert on raw counters over a short window, live within seconds."""
    window = "10s"
    bad = f'sum(rate(http_requests_total{{service="{service}",code=~"5.."}}[{window}]))'
    total = f'sum(rate(http_requests_total{{service="{service}"}}[{window}]))'
    return json.dumps(
        {
            "groups": [
                {
                    "name": "availability",
                    "interval": "1s",
                    "params": {"nocache": ["1"]},
                    "rules": [
                        {
                            "alert": "AvailabilityLost",
                            "expr": f"{bad} / {total} > 0.05",
                            "labels": {"service": service, "severity": "critical"},
                            "annotations": {
                                "summary": f"{service} answers errors",
                                "runbook_url": f"https://runbooks.example/{service}",
                            },
                        }
                    ],
                }
            ]
        }
    )


def alertmanager_config(hook: str, key: str) -> str:
    receiver = {
        "name": "andon",
        "webhook_configs": [
            {
                "url": hook,
                "send_resolved": True,
                "http_config": {"authorization": {"credentials": key}},
            }
        ],
    }
    route = {
        "receiver": "andon",
        "group_by": ["alertname", "service"],
        "group_wait": "0s",
        "group_interval": "1s",
        "repeat_interval": "1h",
    }
    return json.dumps({"route": route, "receivers": [receiver]})


@contextmanager
def pipeline(
    folder: Path, *, service: str, hook: str, key: str, alertmanagers: int = 1
) -> Iterator[Pipeline]:
    """Run the pipeline for one service until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    job = {"job_name": "service", "scrape_interval": "1s", "scrape_timeout": "1s"}
    with ExitStack() as stack:
        exporter = Exporter(service)
        exporter.start()
        stack.callback(exporter.stop)
        job["static_configs"] = [{"targets": [f"127.0.0.1:{exporter.port}"]}]  # type: ignore[assignment]
        scrape = json.dumps({"scrape_configs": [job]})
        metrics = stack.enter_context(components.victoria_metrics(folder, scrape=scrape))
        config = alertmanager_config(hook, key)
        gossip = [components.free_port() for _ in range(alertmanagers)]
        peers = [
            stack.enter_context(
                components.alertmanager(
                    folder,
                    config=config,
                    cluster_port=port if alertmanagers > 1 else None,
                    peers=[other for other in gossip if other != port],
                )
            ).url
            for port in gossip
        ]
        stack.enter_context(
            components.vmalert(folder, rules=rules(service), metrics=metrics.url, notifiers=peers)
        )
        yield Pipeline(exporter, peers)
