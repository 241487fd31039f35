from datetime import UTC, datetime

import pytest

from andon.alerts import rules
from andon.alerts.types import Severity


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("critical", Severity.CRITICAL),
        (" P1 ", Severity.CRITICAL),
        ("page", Severity.CRITICAL),
        (1, Severity.CRITICAL),
        ("Major", Severity.ERROR),
        ("WARN", Severity.WARNING),
        ("average", Severity.WARNING),
        ("none", Severity.INFO),
        ("p5", Severity.INFO),
        ("spicy", None),
        ("", None),
        (None, None),
        (True, None),
        ({"a": 1}, None),
    ],
)
def test_a_senders_word_becomes_one_of_four_severities(word, ours):
    assert rules.read_severity(word) is ours


def test_the_default_severity_pages():
    assert rules.DEFAULT_SEVERITY is Severity.ERROR


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-11-20T20:51:19.50708547Z", datetime(2026, 11, 20, 20, 51, 19, 507085, UTC)),
        ("2026-11-20T20:54:18.632Z", datetime(2026, 11, 20, 20, 54, 18, 632000, UTC)),
        ("2026-10-12T09:51:03.157076+02:00", datetime(2026, 10, 12, 7, 51, 3, 157076, UTC)),
        ("2026-08-23T04:15:30.123+0000", datetime(2026, 8, 23, 4, 15, 30, 123000, UTC)),
        ("2026-01-01T00:00:00+00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00.000Z", None),
        (1451610061, datetime(2016, 1, 1, 1, 1, 1, tzinfo=UTC)),
        ("1451610061", datetime(2016, 1, 1, 1, 1, 1, tzinfo=UTC)),
        (1767225600000, datetime(2026, 1, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
        (0, None),
    ],
)
def test_every_form_of_time_a_sender_uses_is_read(given, expected):
    assert rules.read_time(given) == expected


@pytest.mark.parametrize(
    "given", ["yesterday", "2026-13-01T00:00:00Z", [], True, 10**30, "9" * 400, "²", float("nan")]
)
def test_anything_else_is_not_a_time(given):
    with pytest.raises(rules.UnreadableTime):
        rules.read_time(given)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (
            {
                "severity": "critical",
                "alertname": "HighErrorRate",
                "instance": "a",
                "service": "checkout",
            },
            "dd8da78792863335",
        ),
        (
            {"alertname": "Always", "service": "checkout", "severity": "critical"},
            "ed0868fe98400182",
        ),
        ({"alertname": "x"}, "d240efc3896bf266"),
        ({"alertname": "x", "empty": ""}, "d240efc3896bf266"),
        ({}, "cbf29ce484222325"),
    ],
)
def test_the_fingerprint_is_alertmanagers(labels, expected):
    assert rules.fingerprint(labels) == expected


def test_r35_different_alerts_are_not_merged():
    """Keys that differ only past the limit stay two identities, and the same key stays one."""
    one, other = "x" * 600 + "1", "x" * 600 + "2"
    assert rules.cut_dedup_key(one) == rules.cut_dedup_key(one)
    assert rules.cut_dedup_key(one) != rules.cut_dedup_key(other)
    assert len(rules.cut_dedup_key(one)) <= 512
    assert rules.cut_dedup_key("y" * 512) == "y" * 512


def test_a_summary_is_one_readable_line():
    assert rules.cut_line(" a\r\nb\x00c\u202e ") == "a b c"
    assert rules.cut_line("héllo, ✓") == "héllo, ✓"
    cut = rules.cut_line("x" * 5000)
    assert (len(cut), cut[-1]) == (1024, "…")


def test_labels_beyond_the_limits_are_dropped_and_said_so():
    labels = {f"l{n}": "v" for n in range(150)} | {"k" * 256: "v"}
    cut = rules.cut_labels({"big": "v" * 5000, **labels})
    assert len(cut) == 100
    assert cut["andon_truncated"] == "true"
    assert "big" not in cut
    kept = {"a": "b"}
    assert rules.cut_labels(kept) is kept


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "file:///etc/passwd", "", None, 7, "http://a b", "https://a\n"]
)
def test_only_web_links_are_links(href):
    assert rules.http_link(href, "x", "other") is None


def test_depth_counts_levels_and_stops():
    assert rules.depth("x") == 0
    assert rules.depth([{"a": [1]}]) == 3
    deep: object = 0
    for _ in range(500):
        deep = [deep]
    assert rules.depth(deep) == rules.MAX_DEPTH + 1


@pytest.mark.parametrize(
    ("ref", "labels", "expected"),
    [
        ("checkout", {"app": "web"}, ["checkout", "web"]),
        ("", {"job": "node", "service": "a"}, ["a", "node"]),
        ("A", {"service": "a"}, ["A"]),
        ("", {"other": "x"}, []),
    ],
)
def test_the_names_that_may_be_the_service_come_in_order(ref, labels, expected):
    assert [name.ref for name in rules.candidates(ref, labels)] == expected


def test_no_service_is_explained():
    why = rules.explain(rules.candidates("chekout", {"job": "node"}))
    assert '"chekout" (the sender\'s service)' in why
    assert '"node" (label job)' in why
    assert len(rules.explain(rules.candidates("x" * 500, {"app": "y" * 500}))) <= 300
