"""A small organisation, and clients that are signed in to its API."""

import pytest
from django.test import Client

from andon.incidents import actions as incidents
from tests.support import factories as make

HOST = "127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _collected_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path  # WhiteNoise warns about a folder that is missing


@pytest.fixture
def ann(db):
    return make.person("ann", name="Ann")


@pytest.fixture
def root(db):
    return make.person("root", name="Root", staff=True)


@pytest.fixture
def client_of():
    def build(person=None, **options):
        headers = {"host": HOST}
        if person is not None:
            headers["authorization"] = f"Bearer {make.api_key(person)}"
        return Client(headers=headers, **options)

    return build


@pytest.fixture
def api(ann, client_of):
    return client_of(ann)


@pytest.fixture
def staff(root, client_of):
    return client_of(root)


@pytest.fixture
def checkout(ann):
    team = make.team("fruit", members=[ann, make.person("ben", name="Ben")])
    make.rota("fruit-rota", of=team, people=team.members.order_by("slug"))
    return make.service("checkout", owner=team, title="Checkout")


@pytest.fixture
def page(checkout, ann):
    made = make.page(checkout)
    make.notification(made, to=ann)
    return made


@pytest.fixture
def incident(page):
    incidents.follow_pages(now=make.NOW)
    return 1
