"""Asks the HTTP API of Prometheus, VictoriaMetrics and vmalert: the same envelope everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from andon.integrations.egress.tools import TOTAL, Params, Tool
from andon.paging.types import Fault


class PrometheusClient:
    """Asks one such tool. Safe between threads; whatever goes wrong is a TransportError.

    `url` may have a path, such as a tenant's (`.../select/0/prometheus`); paths are put behind it.
    An error is the installation's fault where asking again cannot help: a query that does not
    parse.
    """

    def __init__(
        self,
        *,
        url: str,
        headers: Sequence[tuple[str, str]] = (),
        name: str = "Prometheus",
        total: float = TOTAL,
    ) -> None:
        self.tool = Tool(name=name, url=url, headers=headers, total=total)

    @property
    def url(self) -> str:
        """Return its address as it may be shown."""
        return self.tool.url

    def get(self, path: str, params: Params = ()) -> Any:
        """Return the `data` of an answer of its API."""
        return self._data(path, self.tool.get(path, params))

    def post(self, path: str, form: Params = ()) -> Any:
        """Return the `data` of an answer to a form: for queries longer than an address may be."""
        return self._data(path, self.tool.post(path, form))

    def close(self) -> None:
        """Close the kept connections."""
        self.tool.close()

    def _data(self, path: str, body: bytes) -> Any:
        answer = self.tool.read(body)
        if not isinstance(answer, Mapping) or "status" not in answer:
            raise self.tool.trouble(
                f"{path} does not answer as Prometheus does", fault=Fault.INSTALLATION
            )
        if answer["status"] != "success":
            said = answer.get("error") or answer.get("errorType") or answer["status"]
            raise self.tool.trouble(f"refused {path}: {said}", fault=Fault.INSTALLATION)
        if answer.get("isPartial"):
            # A VictoriaMetrics cluster that misses a storage node: its sums would be too small.
            raise self.tool.trouble(f"its answer to {path} is partial: a storage node is away")
        return answer.get("data")
