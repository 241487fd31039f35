"""A variable that Andon cannot use stops the start and names itself, without a password in it."""

import pytest

from andon.project import environment

UNUSABLE = [
    ("ANDON_SMTP_URL", "mail.example"),
    ("ANDON_SMTP_URL", "smtp://user:s3cret@"),
    ("ANDON_SMTP_URL", "smtp://user:s3#cret@mail.example"),
    ("ANDON_MAIL_FROM", "Andon"),
    ("ANDON_EGRESS_ALLOW", "10.0.0.0/33"),
    ("ANDON_HEARTBEAT_URL", "hc.example/s3cret"),
    ("ANDON_LOG", "xml"),
    ("ANDON_PORT", "eighty"),
    ("ANDON_URL", "andon.example"),
]


@pytest.mark.parametrize(("name", "text"), UNUSABLE)
def test_what_cannot_be_used_stops_the_start_and_names_the_variable(name: str, text: str) -> None:
    with pytest.raises(environment.UnusableEnvironment, match=name) as caught:
        environment.read({name: text})
    assert "s3" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ANDON_SMTP_URL", ""),
        ("ANDON_SMTP_URL", "smtp+starttls://user:s3%23cret@mail.example:587"),
        ("ANDON_MAIL_FROM", "andon@example.org"),
        ("ANDON_EGRESS_ALLOW", "10.1.2.3, 10.1.0.0/16"),
        ("ANDON_HEARTBEAT_URL", "https://hc.example/ping?a=1,2/"),
        ("ANDON_LOG", "json"),
    ],
)
def test_what_can_be_used_is_used(name: str, text: str) -> None:
    assert environment.read({name: text})
