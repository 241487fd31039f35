"""What a page says of using a key can be copied and works."""

import json
import shlex

import pytest
import yaml

from andon.alerts.types import KEY_KINDS
from andon.web.portal.usage import shown, uses

URL, KEY = "https://andon.example", "andon_key_abc"


@pytest.mark.parametrize("kind", [*KEY_KINDS.names(), "api"])
def test_each_kind_of_key_says_how_it_is_used(kind: str) -> None:
    found = uses(kind=str(kind), url=URL, key=KEY)
    assert found
    for use in found:
        assert KEY in use.lines
        assert URL in use.lines
    assert (
        shown("andon_key_ab") in uses(kind=str(kind), url=URL, key=shown("andon_key_ab"))[0].lines
    )


@pytest.mark.parametrize("kind", ["api", "pagerduty", "generic"])
def test_what_is_for_a_shell_survives_it(kind: str) -> None:
    for use in uses(kind=kind, url=URL, key=KEY):
        if use.lines.startswith("curl"):
            words = shlex.split(use.lines)
            assert any(word.startswith(URL) for word in words)
            if "-d" in words:
                json.loads(words[words.index("-d") + 1])


def test_what_is_for_alertmanager_is_yaml() -> None:
    [use] = uses(kind="alertmanager", url=URL, key=KEY)
    [receiver] = yaml.safe_load(use.lines)["receivers"]
    [webhook] = receiver["webhook_configs"]
    assert webhook["url"] == f"{URL}/hooks/alertmanager/"
    assert webhook["http_config"]["authorization"]["credentials"] == KEY
