"""The shop in trouble, and somebody signed in to look at it."""

from typing import Any

import pytest
from django.test import Client

from andon.core import clock
from tests.support import scenery


@pytest.fixture
def scene(db: None) -> scenery.Scene:
    return scenery.build(now=clock.now())


@pytest.fixture
def ann(scene: scenery.Scene, client: Client) -> Client:
    client.force_login(scene.ann, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def ben(scene: scenery.Scene) -> Client:
    client = Client()
    client.force_login(scene.ben, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def static_root(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give WhiteNoise the folder it warns about when it is missing."""
    settings.STATIC_ROOT = str(tmp_path_factory.mktemp("static"))
