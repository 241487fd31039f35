"""Generate Alertmanager's configuration: how alerts are grouped, held back, and told to Andon.

No time intervals: what resolves while its route is muted never says so. Andon does the holding.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from andon.catalogue.types import AlertSeverity
from andon.slo.types import Estate
from andon.telemetry.rules import inhibition, yaml
from andon.telemetry.types import File

PATH = "alertmanager/alertmanager.yml"
#: Read by Alertmanager beside its configuration; Andon writes no secret into generated files.
CREDENTIALS = "andon-key"
PAGES, TICKETS = "andon-page", "andon-ticket"
#: The last receiver's name is this and the digest of all the rest: the proof that it is live.
MARK = "andon-config-"
#: After the first message of a group, news of it are told within so long: what joins, what ends.
PAGE_INTERVAL, TICKET_INTERVAL = timedelta(seconds=5), timedelta(minutes=1)
#: What still fires is told again so often; nothing depends on it.
PAGE_REPEAT, TICKET_REPEAT = timedelta(hours=1), timedelta(hours=4)
#: Where Andon listens unless it is told otherwise.
_ANDON_URL = "http://127.0.0.1:8000"
_GROUP_BY = ["service", "slo"]


def config_files(*, estate: Estate) -> list[File]:
    """Return the configuration's file. Equal estates give equal text."""
    rest: dict[str, Any] = {
        "route": _route(estate),
        "inhibit_rules": _inhibit_rules(estate),
        "receivers": [_receiver(name, estate) for name in (PAGES, TICKETS)],
    }
    digest = hashlib.sha256(yaml.dump(rest).encode()).hexdigest()[:16]
    rest["receivers"].append({"name": MARK + digest})
    return [File(PATH, yaml.dump(rest))]


def mark_of(text: str) -> str:
    """Return the mark in a configuration, ours or as Alertmanager shows it; empty for none."""
    _, found, rest = text.rpartition(MARK)
    return MARK + rest[:16] if found else ""


def _route(estate: Estate) -> dict[str, Any]:
    rules = estate.rules
    return {
        "receiver": TICKETS,
        "group_by": _GROUP_BY,
        "group_wait": duration(rules.ticket_wait),
        "group_interval": duration(TICKET_INTERVAL),
        "repeat_interval": duration(TICKET_REPEAT),
        "routes": [
            {
                "receiver": PAGES,
                "matchers": [_is("severity", AlertSeverity.PAGE)],
                "group_by": _GROUP_BY,
                "group_wait": duration(rules.page_wait),
                "group_interval": duration(PAGE_INTERVAL),
                "repeat_interval": duration(PAGE_REPEAT),
            }
        ],
    }


def _receiver(name: str, estate: Estate) -> dict[str, Any]:
    url = (estate.andon_url or _ANDON_URL).rstrip("/")
    hook = {
        "url": f"{url}/hooks/alertmanager/",
        "send_resolved": True,
        # All of a group: what is cut off never arrives.
        "max_alerts": 0,
        "http_config": {
            "authorization": {"type": "Bearer", "credentials_file": CREDENTIALS},
            "follow_redirects": False,
        },
    }
    return {"name": name, "webhook_configs": [hook]}


def _inhibit_rules(estate: Estate) -> list[dict[str, Any]]:
    burn, page, ticket = _is("alert_type", "burn"), AlertSeverity.PAGE, AlertSeverity.TICKET
    rules = [
        _rule([burn, _is("severity", page)], [burn, _is("severity", ticket)], ["service", "slo"])
    ]
    for fast, slower in inhibition.slower_tiers(estate=estate).items():
        target = [burn, _one_of("tier", slower)]
        rules.append(_rule([burn, _is("tier", fast)], target, ["service", "slo"]))
    # A page by whatever may be held back by a page only.
    down, no_data = _is("alert_type", "target-down"), _is("alert_type", "no-data")
    rules += [
        _rule([down, _is("severity", page)], [no_data], ["service"]),
        _rule([down, _is("severity", ticket)], [no_data, _is("severity", ticket)], ["service"]),
    ]
    for one in inhibition.explained(estate=estate):
        target = [_is("service", one.service), burn, _is("severity", page)]
        for tier, objectives in one.pages:
            source = [_is("tier", tier), _one_of("slo", objectives), burn, _is("severity", page)]
            rules.append(_rule(source, target, []))
    return rules


def _rule(source: list[str], target: list[str], equal: list[str]) -> dict[str, Any]:
    rule: dict[str, Any] = {"source_matchers": source, "target_matchers": target}
    return {**rule, "equal": equal} if equal else rule


def _is(label: str, value: str) -> str:
    return f'{label}="{_escape(value)}"'


def _one_of(label: str, values: Sequence[str]) -> str:
    if len(values) == 1:
        return _is(label, values[0])
    return f'{label}=~"{"|".join(_escape(_literal(value)) for value in values)}"'


def _literal(text: str) -> str:
    """Return a regular expression of Go's for a text: names of ours need no escaping."""
    return "".join(f"\\{char}" if char in r"\.+*?()|[]{}^$" else char for char in text)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def duration(span: timedelta) -> str:
    """Return a span as Prometheus and Alertmanager read it."""
    millis = round(span / timedelta(milliseconds=1))
    return f"{millis}ms" if millis % 1000 else f"{millis // 1000}s"
