"""Asks who evaluates rules, vmalert or Prometheus, which are in force and how they behave."""

import re
from collections.abc import Sequence

import msgspec

from andon.integrations.egress.tools import Tool
from andon.paging.types import Fault, TransportError
from andon.slo.types import Evaluator

#: For all rules of a large estate at once: vmalert 1.79.5 shows nothing while it takes rules over,
#: which for 5,000 services took 95 s of two processors that evaluated them besides.
TOTAL, MAX_ANSWER = 300.0, 1024 * 1024 * 1024
_RULES = "/api/v1/rules"
_LAST_RELOAD = re.compile(r"^vmalert_config_last_reload_successful (\S+)$", re.MULTILINE)


class LiveRule(msgspec.Struct, gc=False):
    """A rule as its engine has it."""

    name: str
    query: str
    type: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    #: Seconds for which an alert must hold before it fires.
    duration: float = 0.0
    #: Of alerts: `inactive`, `pending` or `firing`.
    state: str = ""
    last_error: str = msgspec.field(default="", name="lastError")

    @property
    def is_alert(self) -> bool:
        """Return whether it is an alerting rule."""
        return self.type == "alerting"


class LiveGroup(msgspec.Struct):
    """A group as its engine has it; `interval` in seconds."""

    name: str
    file: str = ""
    interval: float = 0.0
    rules: list[LiveRule] = []


class _Data(msgspec.Struct):
    groups: list[LiveGroup] = []


class _Answer(msgspec.Struct):
    status: str
    data: _Data = msgspec.field(default_factory=_Data)


_answer = msgspec.json.Decoder(_Answer).decode


class RuleEngine:
    """Asks one vmalert or Prometheus. Safe between threads; raises TransportError."""

    def __init__(
        self,
        *,
        url: str,
        engine: Evaluator,
        headers: Sequence[tuple[str, str]] = (),
        total: float = TOTAL,
    ) -> None:
        self.engine = engine
        name = "vmalert" if engine is Evaluator.VMALERT else "Prometheus"
        self.tool = Tool(name=name, url=url, headers=headers, total=total, limit=MAX_ANSWER)

    @property
    def url(self) -> str:
        """Return its address as it may be shown."""
        return self.tool.url

    def groups(self) -> list[LiveGroup]:
        """Return all groups in force."""
        body = self.tool.get(_RULES)
        try:
            answer = _answer(body)
        except (msgspec.DecodeError, RecursionError) as error:
            words = f"{_RULES} does not answer as Prometheus does ({error})"
            raise self.tool.trouble(words, fault=Fault.INSTALLATION) from error
        if answer.status != "success":
            raise self.tool.trouble(f"{_RULES} answered {answer.status}", fault=Fault.INSTALLATION)
        return answer.data.groups

    def reload(self) -> None:
        """Let it read its rules. Prometheus answers when it has; vmalert begins only then."""
        self.tool.post("/-/reload")

    def refused_files(self) -> bool:
        """Return whether vmalert could not read its files when it last tried."""
        if self.engine is Evaluator.PROMETHEUS:
            return False
        found = _LAST_RELOAD.search(self.tool.get("/metrics").decode("utf-8", "replace"))
        return found is not None and float(found[1]) == 0

    def is_prometheus(self) -> bool:
        """Return whether a Prometheus answers; others share only some of its API."""
        try:
            said = self.tool.read(self.tool.get("/api/v1/status/buildinfo"))
        except TransportError as error:
            if error.fault is Fault.INSTALLATION:
                return False
            raise
        data = said.get("data") if isinstance(said, dict) else None
        return isinstance(data, dict) and bool(data.get("revision"))

    def close(self) -> None:
        """Close the kept connections."""
        self.tool.close()
