"""Nights, weekends, bank holidays, peaks: who is paged, who sleeps, and when they are told."""

import pytest

from tests.support.world import World, instant

pytestmark = pytest.mark.database

NIGHT = "2026-03-04 03:00 Europe/London"


def test_team_cover_pages_the_teams_own_rota(world: World) -> None:
    world.service("checkout", target="99.9")
    world.rota("checkout-rota", ["ann", "ben"], team="checkout")
    world.at(NIGHT).alertmanager("firing", service="checkout")
    message = world.expect.email(to="ann", at=NIGHT)
    page = world.page()
    assert page.reason == "99.9% target, team cover out of hours: paging rota checkout-rota"
    assert page.out_of_hours
    assert world.press(message).acknowledged_by == "Ann"


def test_domain_cover_pages_the_shared_rota_by_night_and_the_team_by_day(world: World) -> None:
    world.team("basket", members=["tom"])
    world.service("basket", target="99.5", domain="fulfilment")
    world.rota("fulfilment-rota", ["dot", "eve"], domain="fulfilment", covers="out-of-hours")
    world.at(NIGHT).alertmanager("firing", service="basket")
    world.expect.email(to="dot", at=NIGHT)
    assert world.page().reason == (
        "99.5% target, domain cover out of hours: paging rota fulfilment-rota"
    )
    world.alertmanager("resolved", service="basket")
    world.expect.email(to="dot", containing="Resolved")
    world.at("2026-03-04 11:00 Europe/London").alertmanager("firing", service="basket")
    world.expect.email(to="tom")
    assert "paging everyone in Team Basket" in world.page().reason


def test_no_cover_holds_the_page_over_a_bank_holiday_and_a_restart(world: World) -> None:
    world.team("stock", members=["sue"])
    world.service("stock", target="99.0")
    world.at("2027-05-01 03:00 Europe/London").alertmanager("firing", service="stock")
    page = world.page()
    assert page.state == "held"
    assert page.reason == "99.0% target, no cover out of hours: held until Tue 09:00 Europe/London"
    world.forward("2d")
    world.restart()
    world.forward("30h")
    world.expect.email(to="sue", at="2027-05-04 09:00 Europe/London")
    [reason] = world.reasons("released")
    assert reason == (
        "The page was held until now. 99.0% target, working hours: paging everyone in Team Stock "
        "(Team Stock has nobody on a rota in working hours)"
    )


def test_a_held_page_that_resolves_is_recorded_and_not_sent(world: World) -> None:
    world.team("stock", members=["sue"])
    world.service("stock", target="99.0")
    world.at(NIGHT).alertmanager("firing", service="stock")
    world.forward("1h")
    world.alertmanager("resolved", service="stock")
    world.forward("2d")
    assert world.page().state == "resolved"
    assert world.reasons("resolved") == [
        "Every alert has resolved (the sender) before the page was due: recorded, not sent"
    ]


def test_a_peak_window_buys_cover_just_before_and_gives_it_back_just_after(world: World) -> None:
    world.team("stock", members=["sue"])
    world.service("stock", target="99.0")
    world.rota("stock-rota", ["ann"], team="stock", covers="out-of-hours")
    world.target("stock", "99.9", starts_at=instant("2026-11-27 00:00 Europe/London"),
                 ends_at=instant("2026-11-30 00:00 Europe/London"))  # fmt: skip
    world.at("2026-11-26 23:59 Europe/London").alertmanager("firing", service="stock")
    assert world.page().state == "held"
    # The page is decided again when the peak begins, not at nine in the morning.
    world.forward("5m")
    message = world.expect.email(to="ann", at="2026-11-27 00:00 Europe/London")
    world.press(message)
    world.alertmanager("resolved", service="stock")
    world.expect.email(to="ann", containing="Resolved")
    world.at("2026-11-30 00:00 Europe/London").alertmanager("firing", service="stock")
    assert world.page().state == "held"
    assert world.page().reason.endswith("held until Mon 09:00 Europe/London")


def test_the_night_the_clocks_change_holds_until_nine_by_the_clock(world: World) -> None:
    world.team("stock", members=["sue"])
    world.service("stock", target="99.0")
    world.at("2026-03-29 00:58 Europe/London").alertmanager("firing", service="stock")
    assert world.page().held_until == instant("2026-03-30 09:00 Europe/London")
    world.forward("31h2m")
    world.expect.email(to="sue", at="2026-03-30 09:00 Europe/London")


def test_r01_paused_step_resumes_after_kill(world: World) -> None:
    world.team("stock", members=["sue"])
    world.service("stock", target="99.0")
    world.at(NIGHT).alertmanager("firing", service="stock", run=False)
    world.restart()
    world.run()
    for _ in range(5):
        world.forward("1h")
        world.restart()
    world.forward("1h")
    world.expect.email(to="sue", at="2026-03-04 09:00 Europe/London")


def test_an_alert_that_joins_a_held_page_pages_once_the_target_was_raised(world: World) -> None:
    world.team("stock", members=["sue"])
    world.service("stock", target="99.0")
    world.rota("stock-rota", ["ann"], team="stock", covers="out-of-hours")
    world.at(NIGHT).alertmanager("firing", service="stock")
    world.forward("1m")
    world.alertmanager("firing", service="stock", name="Slow")
    assert world.page().state == "held", "nothing has changed: it waits for the morning"
    world.target("stock", "99.9", starts_at=world.now)
    world.forward("1m")
    world.alertmanager("firing", service="stock", name="Slower")
    world.expect.email(to="ann", at="2026-03-04 03:02 Europe/London")
    assert len(world.reasons("released")) == 1
