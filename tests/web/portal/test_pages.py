"""Every page comes, says what it should, and says no to those it should."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.scenery import Scene

PAGES = (
    "/",
    "/services/",
    "/services/?q=basket-api",
    "/services/checkout/",
    "/services/stock-1/",
    "/incidents/",
    "/incidents/?state=active&q=checkout",
    "/incidents/INC-1042/",
    "/incidents/INC-1040/",
    "/incidents/INC-1039/",
    "/incidents/INC-1021/",
    "/rotas/",
    "/rotas/checkout-rota/",
    "/rotas/stores-rota/",
    "/teams/",
    "/teams/checkout/",
    "/domains/",
    "/domains/stores/",
    "/people/",
    "/people/ann/",
    "/gaps/",
    "/engine/",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_comes(ann: Client, path: str) -> None:
    response = ann.get(path)
    assert response.status_code == 200
    text = response.content.decode()
    assert text.count("<h1>") == 1
    assert "style=" not in text
    assert "javascript:" not in text
    assert not re.search(r"<script(?! src=)", text)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids)), "an id is used twice"


@pytest.mark.parametrize("path", [*PAGES, "/keys/", "/p/01900000-0000-7000-8000-000000000000/"])
def test_nothing_is_shown_to_those_who_are_not_signed_in(
    scene: Scene, client: Client, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")
