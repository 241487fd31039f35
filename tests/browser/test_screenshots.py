"""The pictures in docs/images, taken of the real pages when ANDON_SCREENSHOTS=1."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from andon.core import clock
from andon.integrations.telemetry import bundle
from andon.paging import links
from andon.slo.documents import generated
from tests.support import budgets, phone
from tests.support.estates import varied
from tests.support.scenery import Scene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        os.environ.get("ANDON_SCREENSHOTS") != "1", reason="writes into docs/images on request only"
    ),
]
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pictures_of_the_desk(visit: Any, scene: Scene, dark: bool) -> None:
    at = visit(dark=dark)
    at.sign_in("ann")
    for name, path in (
        ("home", "/"),
        ("services", "/services/"),
        ("service", "/services/checkout/"),
        ("incident", "/incidents/INC-1042/"),
        ("rota", "/rotas/checkout-rota/"),
    ):
        shoot(at, path, f"{name}-dark" if dark else name)


def test_pictures_of_the_phone(visit: Any, scene: Scene) -> None:
    at = visit(**phone.SIZE)
    token = links.sign(uid=scene.notification.uid)
    shoot(at, f"/a/{token}/", "acknowledge-phone")
    at.sign_in("ann")
    shoot(at, "/", "home-phone")
    shoot(at, "/incidents/INC-1042/", "incident-phone")
    shoot(at, "/services/checkout/", "service-phone")


@pytest.mark.parametrize("size", [{}, phone.SIZE], ids=["desk", "phone"])
def test_pictures_of_telemetry(
    visit: Any, scene: Scene, size: dict[str, int], settings: Any, tmp_path: Path
) -> None:
    settings.ENV = replace(
        settings.ENV,
        telemetry_dir=tmp_path,
        vmalert_urls=("http://vmalert:8880",),
        alertmanager_urls=("http://alertmanager:9093",),
        prometheus_url="http://metrics:8428",
    )
    generated.write(files=bundle(estate=varied()), folder=tmp_path / "current")
    budgets.measure(scene, now=clock.now())
    at = visit(**size)
    at.sign_in("ann")
    if size:
        shoot(at, "/services/checkout/budget/", "budget-phone")
        return
    shoot(at, "/telemetry/", "telemetry")
    shoot(at, "/budgets/", "budgets")
    shoot(at, "/services/checkout/budget/", "budget")


def shoot(at: Any, path: str, name: str) -> None:
    at.open(path)
    IMAGES.mkdir(parents=True, exist_ok=True)
    target = IMAGES / f"{name}.png"
    at.page.screenshot(path=target, full_page=True)
    assert target.stat().st_size > 5_000
