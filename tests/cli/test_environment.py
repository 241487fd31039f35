"""A variable that Andon cannot use stops the start and names itself, without a password in it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from andon.project import environment
from tests.support.installation import installation

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


@contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port that refuses connections: taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(("name", "text"), UNUSABLE)
def test_what_cannot_be_used_stops_the_start_and_names_the_variable(name: str, text: str) -> None:
    with pytest.raises(environment.UnusableEnvironment, match=name) as caught:
        environment.read({name: text})
    assert "s3" not in str(caught.value)


@pytest.mark.parametrize("command", ["up", "incidents"])
def test_a_database_that_does_not_answer_is_said_in_words(tmp_path: Path, command: str) -> None:
    with closed_port() as port:
        url = f"postgresql://andon:s3cret@127.0.0.1:{port}/andon"
        with installation(tmp_path / "home", database_url=url) as andon:
            process = andon.spawn(command)
            assert process.popen.wait(60) == 1
            said = process.log.read_text()
    assert said.splitlines()[-1].startswith("Andon cannot use its database: ")
    assert "ANDON_DATABASE_URL" in said
    assert "Traceback" not in said
    assert "s3cret" not in said


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
