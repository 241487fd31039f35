"""The shop in trouble, and somebody signed in to look at it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from andon.core import clock
from tests.support import scenery


@pytest.fixture
def scene(db: None) -> scenery.Scene:
    return scenery.build(now=clock.now())


#: What a browser says that it reads.
PAGES = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture
def ann(scene: scenery.Scene, client: Client) -> Client:
    client.defaults["HTTP_ACCEPT"] = PAGES
    client.force_login(scene.ann, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def ben(scene: scenery.Scene) -> Client:
    client = Client(headers={"accept": PAGES})
    client.force_login(scene.ben, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def quick_hashes(settings: Any) -> Iterator[None]:
    """Hash at once: how slow a hash is says nothing here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    scenery.hashed.cache_clear()
    yield
    scenery.hashed.cache_clear()


@pytest.fixture
def clocked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a clock that is set by hand."""
    state = {"now": clock.now()}
    monkeypatch.setattr(clock, "now", lambda: state["now"])

    def forward(**span: float) -> datetime:
        state["now"] += timedelta(**span)
        return state["now"]

    return forward


@pytest.fixture(scope="session", autouse=True)
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give WhiteNoise the folder it warns about when it is missing."""
    with override_settings(STATIC_ROOT=str(tmp_path_factory.mktemp("static"))):
        yield
