"""The generated configuration, judged by amtool and by a real Alertmanager."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import yaml

from andon.catalogue.types import AlertSeverity, Cover
from andon.core import clock
from andon.integrations.alertmanager import config
from andon.integrations.alertmanager.api import Alertmanager
from andon.slo.types import Estate
from tests.support import components
from tests.support.estates import estate, subject
from tests.support.outside import Receiver

pytestmark = pytest.mark.components


def text_of(made: Estate) -> str:
    [file] = config.config_files(estate=made)
    assert file.path == "alertmanager/alertmanager.yml"
    return file.text


def amtool(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(components.require("amtool")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "alertmanager.yml"
    path.write_text(text, encoding="utf-8")
    return path


def chain(*slugs: str) -> Estate:
    """Return services of which each needs the one before."""
    pairs = zip(slugs, ("", *slugs[:-1]), strict=True)
    return estate(*(subject(slug, needs=(need,) if need else ()) for slug, need in pairs))


@pytest.mark.parametrize("count", [1, 100, 5000])
def test_amtool_accepts_it_whatever_the_number_of_services(tmp_path: Path, count: int) -> None:
    made = chain(*(f"service-{at:04}" for at in range(count)))
    checked = amtool("check-config", written(tmp_path, text_of(made)))
    assert checked.returncode == 0, checked.stderr
    assert f"- {count - 1 + 5} inhibit rules" in checked.stdout


@pytest.mark.parametrize("service", ["checkout", "stock-1"])
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"severity": "page"}, "andon-page"),
        ({"severity": "ticket"}, "andon-ticket"),
        ({"severity": "page", "alert_type": "own", "alertname": "DiskFull"}, "andon-page"),
        ({"severity": "critical"}, "andon-ticket"),
        ({}, "andon-ticket"),
    ],
)
def test_every_service_and_severity_has_a_receiver(
    tmp_path: Path, service: str, labels: dict[str, str], receiver: str
) -> None:
    path = written(tmp_path, text_of(estate(subject("checkout"), subject("stock-1"))))
    pairs = [f"{name}={value}" for name, value in {**labels, "service": service}.items()]
    routed = amtool(
        "config", "routes", "test", f"--config.file={path}", f"--verify.receivers={receiver}",
        *pairs,
    )  # fmt: skip
    assert routed.returncode == 0, routed.stdout + routed.stderr


def test_waits_are_the_organisations_and_no_hours_stand_in_it() -> None:
    made = estate(subject("checkout"))
    rules = replace(
        made.rules, page_wait=timedelta(milliseconds=1500), ticket_wait=timedelta(minutes=2)
    )
    text = text_of(replace(made, rules=rules))
    document = yaml.safe_load(text)
    [page] = document["route"]["routes"]
    assert (document["route"]["group_wait"], page["group_wait"]) == ("120s", "1500ms")
    assert page["group_by"] == document["route"]["group_by"] == ["service", "slo"]
    assert "time_interval" not in text


def test_the_secret_is_in_a_file_of_its_own_and_the_address_is_andons() -> None:
    document = yaml.safe_load(text_of(estate(subject("checkout"))))
    for receiver in document["receivers"][:2]:
        [hook] = receiver["webhook_configs"]
        assert hook["url"] == "https://andon.example/hooks/alertmanager/"
        assert hook["http_config"]["authorization"] == {
            "type": "Bearer",
            "credentials_file": "andon-key",
        }
    unset = text_of(replace(estate(subject("checkout")), andon_url=""))
    assert "http://127.0.0.1:8000/hooks/alertmanager/" in unset


def test_it_is_the_same_text_for_the_same_estate_and_marked_otherwise_for_another() -> None:
    one, two = chain("stock", "checkout"), chain("checkout", "stock")
    assert text_of(one) == text_of(chain("stock", "checkout"))
    marks = {config.mark_of(text_of(each)) for each in (one, two)}
    assert len(marks) == 2
    assert all(len(mark) == len(config.MARK) + 16 for mark in marks)


# What a real Alertmanager holds back.


@contextmanager
def running(tmp_path: Path, made: Estate, hook: str = "") -> Iterator[Alertmanager]:
    text = text_of(replace(made, andon_url=hook or made.andon_url))
    key = tmp_path / "andon-key"
    key.write_text("andon_key_123", encoding="utf-8")
    text = text.replace('"andon-key"', json.dumps(str(key)))
    with components.alertmanager(tmp_path, config=text) as component:
        tool = Alertmanager(url=component.url)
        yield tool
        tool.close()


def burn(service: str, tier: str = "page-fast", *, slo: str = "") -> dict[str, str]:
    severity = AlertSeverity.PAGE if tier.startswith("page") else AlertSeverity.TICKET
    return {
        "alertname": "Slo" + tier.title().replace("-", ""),
        "service": service,
        "slo": slo or service,
        "tier": tier,
        "severity": severity,
        "alert_type": "burn",
    }


def other(service: str, alert_type: str, severity: str, **more: str) -> dict[str, str]:
    name = alert_type.title().replace("-", "")
    made = {"alertname": name, "service": service, "alert_type": alert_type, "severity": severity}
    return {**made, **more}


def told(tool: Alertmanager, *alerts: dict[str, str], ended: tuple[dict[str, str], ...] = ()) -> (
    set[tuple[str, str]]
):  # fmt: skip
    """Send alerts and return name and service of those that are not held back."""
    now, hour = clock.now(), timedelta(hours=1)
    body = [
        {
            "labels": labels,
            "startsAt": (now - 2 * hour).isoformat(),
            "endsAt": (now - hour if labels in ended else now + hour).isoformat(),
        }
        for labels in (*alerts, *ended)
    ]
    httpx2.post(f"{tool.url}/api/v2/alerts", json=body, trust_env=False).raise_for_status()
    standing = tool.alerts()

    def settled() -> bool:
        nonlocal standing
        found = httpx2.get(f"{tool.url}/api/v2/alerts", trust_env=False).json()
        standing = tool.alerts()
        labels = [one["labels"] for one in found if one["status"]["state"] != "unprocessed"]
        return all(one in labels for one in alerts) and not any(one in labels for one in ended)

    components.wait_until(settled, what="the alerts to be judged")
    return {
        (one.entry["labels"]["alertname"], one.entry["labels"]["service"])
        for one in standing
        if one.is_active
    }


def test_a_page_holds_back_tickets_and_the_faster_tier_the_slower(tmp_path: Path) -> None:
    with running(tmp_path, estate(subject("checkout"), subject("stock"))) as tool:
        tickets = [burn("checkout", "ticket-fast"), burn("checkout", "ticket-slow")]
        assert told(tool, *tickets) == {("SloTicketFast", "checkout")}
        pages = [burn("checkout"), burn("checkout", "page-slow")]
        elsewhere = [burn("stock", "ticket-slow"), burn("checkout", "ticket-slow", slo="latency")]
        assert told(tool, *tickets, *pages, *elsewhere) == {
            ("SloPageFast", "checkout"),
            ("SloTicketSlow", "stock"),
            ("SloTicketSlow", "checkout"),
        }


def test_a_teams_own_page_holds_nothing_back(tmp_path: Path) -> None:
    with running(tmp_path, estate(subject("checkout"))) as tool:
        own = [other("checkout", "own", "page", alertname="DiskFull"),
               other("checkout", "own", "ticket", alertname="CertificateEnds"),
               burn("checkout", "ticket-slow")]  # fmt: skip
        assert len(told(tool, *own)) == 3


@pytest.mark.parametrize(
    ("down", "no_data", "told_too"),
    [("page", "page", 0), ("page", "ticket", 0), ("ticket", "ticket", 0), ("ticket", "page", 1)],
)
def test_targets_that_are_down_explain_missing_data_unless_that_asks_for_more(
    tmp_path: Path, down: str, no_data: str, told_too: int
) -> None:
    with running(tmp_path, estate(subject("checkout"))) as tool:
        alerts = [other("checkout", "target-down", down),
                  other("checkout", "no-data", no_data, slo="checkout")]  # fmt: skip
        assert len(told(tool, *alerts)) == 1 + told_too


def test_a_needed_services_page_holds_back_the_others_until_it_ends(tmp_path: Path) -> None:
    made = chain("database", "payments", "checkout")
    with running(tmp_path, made) as tool:
        checkout, payments = burn("checkout", "page-slow"), burn("payments")
        database = burn("database")
        assert told(tool, checkout, payments, database) == {("SloPageFast", "database")}
        assert told(tool, checkout, payments, ended=(database,)) == {("SloPageFast", "payments")}
        assert told(tool, checkout, ended=(payments,)) == {("SloPageSlow", "checkout")}
        # The slow page of what is needed ends too late to explain anything.
        late = burn("payments", "page-slow")
        assert len(told(tool, checkout, late)) == 2
        # Tickets are never held back by somebody else's page.
        ticket = burn("checkout", "ticket-slow", slo="latency")
        assert ("SloTicketSlow", "checkout") in told(tool, ticket, payments)


def test_services_that_need_each_other_are_all_told(tmp_path: Path) -> None:
    circle = estate(
        subject("a", needs=("b",)), subject("b", needs=("c",)), subject("c", needs=("a",)),
        subject("shop", needs=("a",)),
    )  # fmt: skip
    with running(tmp_path, circle) as tool:
        pages = [burn(slug) for slug in ("a", "b", "c", "shop")]
        assert {service for _, service in told(tool, *pages)} == {"a", "b", "c"}


def test_what_nobody_is_woken_for_holds_back_nothing_that_wakes_somebody(tmp_path: Path) -> None:
    made = estate(
        subject("search", cover=Cover.NONE),
        subject("checkout", needs=("search",)),
        subject("blog", cover=Cover.NONE, needs=("search",)),
    )
    with running(tmp_path, made) as tool:
        found = told(tool, burn("search"), burn("checkout"), burn("blog"))
        assert {service for _, service in found} == {"search", "checkout"}


def test_the_webhook_carries_the_key_from_its_file_and_news_come_soon(
    tmp_path: Path, receiver: Receiver
) -> None:
    made = chain("payments", "checkout")
    with running(tmp_path, made, hook=receiver.url) as tool:
        told(tool, burn("payments"), burn("checkout"))
        assert receiver.wait_for("/hooks/alertmanager/", 1, timeout=10)
        told(tool, burn("checkout"), ended=(burn("payments"),))
        assert receiver.wait_for("/hooks/alertmanager/", 3, timeout=20)
    assert receiver.received[0].headers["authorization"] == "Bearer andon_key_123"
    said = [json.loads(one.body) for one in receiver.received]
    news = {(one["commonLabels"]["service"], one["status"]) for one in said}
    assert news >= {("payments", "firing"), ("payments", "resolved"), ("checkout", "firing")}
    assert said[0]["receiver"] == "andon-page"
