"""The API keeps what its OpenAPI document promises, whatever it is sent."""

import os
from datetime import UTC, datetime
from functools import cache

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from andon.web.api.urls import api
from tests.support import factories as make

EXAMPLES = int(os.environ.get("ANDON_API_EXAMPLES", "8"))
HOST = "127.0.0.1:8000"

#: What "a date and time" means here is said in words: the years 1971 to 2199.
schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(1975, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
        datetime.isoformat
    ),
)


def application(environ, start_response):
    """Answer as the installation does, made when first asked: settings are the test's by then."""
    return handler()(environ, start_response)


handler = cache(WSGIHandler)


@pytest.fixture(autouse=True)
def _one_connection():
    """Keep the test's transaction: a request that ends would close the connection that holds it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
schema.app = application
schema.config.update(base_url=f"http://{HOST}")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_declared(case, root, incident):
    case.call_and_validate(headers={"Authorization": f"Bearer {make.api_key(root)}", "Host": HOST})
