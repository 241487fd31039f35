"""Labels of an alert that people see: where it is first, no secrets, never too many."""

from hypothesis import given
from hypothesis import strategies as st

from andon.alerts import rules


def test_the_telling_labels_come_first_and_what_is_said_already_not_at_all() -> None:
    labels = {
        "alertname": "HighErrorRate",
        "service": "checkout",
        "severity": "critical",
        "zone": "eu-west-1a",
        "a_team": "fruit",
        "region": "eu-west-1",
        "pod": "checkout-7f9c",
        "instance": "10.0.0.7:9090",
        "empty": "",
        rules.NOTE: "50 alerts were left out",
    }
    assert rules.telling(labels) == (
        ("instance", "10.0.0.7:9090"),
        ("pod", "checkout-7f9c"),
        ("region", "eu-west-1"),
        ("zone", "eu-west-1a"),
        ("a_team", "fruit"),
    )


def test_labels_are_masked_as_everything_else_is_and_secrets_by_name_left_out() -> None:
    found = dict(
        rules.telling(
            {
                "endpoint": "https://ann:hunter2@hooks.example/T0/abcdef",
                "db_password": "correct horse",
                "token": "x y z",
                "owner": "ann.ashby@example.org",
                "pod": "checkout-7f9c",
            }
        )
    )
    assert found == {
        "endpoint": "https://hooks.example/...",
        "owner": "a...@example.org",
        "pod": "checkout-7f9c",
    }


def test_a_value_of_many_lines_is_one_short_line() -> None:
    [(_, value)] = rules.telling({"pod": "a\r\nBcc: all\x1b[2J" + "b" * 5000})
    assert value.startswith("a Bcc: all [2J")
    assert len(value) <= 120


@given(st.dictionaries(st.text(), st.text(), max_size=200))
def test_labels_are_few_short_and_printable_whatever_a_sender_writes(
    labels: dict[str, str],
) -> None:
    found = rules.telling(labels)
    assert len(found) <= 8
    for name, value in found:
        assert len(name) <= 60
        assert 0 < len(value) <= 124
        assert "\n" not in name + value
        assert "\x1b" not in name + value
