"""One alert, from its sender to the right person and to its end."""

import pytest

from tests.support.world import World

pytestmark = pytest.mark.database


def test_in_hours_the_owning_team_is_paged_and_told_when_it_is_over(world: World) -> None:
    world.service("checkout", exposure="GBP 100000/h", runbook="https://runbooks.example/checkout")
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    world.at("2026-03-03 10:00 Europe/London").alertmanager(
        "firing", service="checkout", summary="5xx above 1%"
    )
    message = world.expect.email(to="ann", at="2026-03-03 10:00 Europe/London")
    assert message.subject == "[critical] Checkout: 5xx above 1%"
    assert "Since: Tue 3 Mar 2026 10:00 Europe/London" in message.body
    assert "Money at risk: up to GBP 1,667 a minute, if it is fully down" in message.body
    assert "Runbook: https://runbooks.example/checkout" in message.body
    assert world.page().reason == "99.9% target, working hours: paging rota checkout-rota"
    world.forward("2m")
    page = world.press(message)
    assert (page.state, page.acknowledged_by) == ("acknowledged", "Ann")
    world.forward("2h")
    world.alertmanager("resolved", service="checkout")
    world.expect.email(to="ann", containing="Resolved: Checkout")
    assert world.page().state == "resolved"
