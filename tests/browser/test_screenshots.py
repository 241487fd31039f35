"""The pictures in docs/images, taken of the real pages when ANDON_SCREENSHOTS=1."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from andon.core import clock
from andon.integrations.telemetry import bundle
from andon.telemetry.actions import files as generated
from tests.browser.test_living_sample import cookies_of, seat, signed_in
from tests.support import budgets
from tests.support.estates import varied
from tests.support.living import Living
from tests.support.scenery import Scene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        os.environ.get("ANDON_SCREENSHOTS") != "1", reason="writes into docs/images on request only"
    ),
]
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_of_the_desk(sample: Living, chromium: Browser, theme: str) -> None:
    page, number = seated(sample, chromium, "desk", theme), going_on(sample)
    pictures = [
        ("home", "/"),
        ("services", "/services/"),
        ("service", "/services/checkout/"),
        ("incident", f"/incidents/INC-{number}/"),
        ("rota", "/rotas/checkout/"),
    ]
    if theme == "light":
        pictures += [
            ("costs", "/costs/"),
            ("budgets", "/budgets/"),
            ("budget", "/services/checkout/budget/"),
        ]
    for name, path in pictures:
        shoot(page, sample.url + path, name if theme == "light" else f"{name}-dark")


def test_pictures_of_the_phone(sample: Living, chromium: Browser) -> None:
    page, number = seated(sample, chromium, "phone", "light"), going_on(sample)
    for name, path in (
        ("acknowledge", sample.link),
        ("home", "/"),
        ("incident", f"/incidents/INC-{number}/"),
        ("service", "/services/checkout/"),
        ("budget", "/services/checkout/budget/"),
    ):
        shoot(page, sample.url + path, f"{name}-phone")


def test_a_picture_of_telemetry(visit: Any, scene: Scene, settings: Any, tmp_path: Path) -> None:
    """The sample rolls nothing out: what is in force is a scene of its own."""
    settings.ENV = replace(
        settings.ENV,
        telemetry_dir=tmp_path,
        vmalert_urls=("http://vmalert:8880",),
        alertmanager_urls=("http://alertmanager:9093",),
        prometheus_url="http://metrics:8428",
    )
    generated.write(files=bundle(estate=varied()), folder=tmp_path / "current")
    budgets.measure(scene, now=clock.now())
    at = visit()
    at.sign_in("ann")
    shoot(at.page, f"{at.base}/telemetry/", "telemetry")


def seated(sample: Living, chromium: Browser, device: str, theme: str) -> Page:
    """Return a page of a browser at which the administrator has signed in."""
    with signed_in(sample, "admin") as client:
        cookies = cookies_of(client, sample.url)
    return seat(sample, chromium, cookies, who="admin", device=device, theme=theme).page


def going_on(sample: Living) -> str:
    """Return the number of the incident that somebody has acknowledged and is working on."""
    return sample.one(
        "SELECT number FROM incidents_incident WHERE state = 'acknowledged' AND kind = 'incident'"
    )


def shoot(page: Page, url: str, name: str) -> None:
    page.goto(url)
    IMAGES.mkdir(parents=True, exist_ok=True)
    target = IMAGES / f"{name}.png"
    page.screenshot(path=target, full_page=True)
    assert target.stat().st_size > 5_000
