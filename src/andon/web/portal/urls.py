"""Where every page of the portal lives."""

from django.urls import path, register_converter

from andon.web.portal.views import (
    account,
    acknowledge,
    api_keys,
    calendars,
    costs,
    doors,
    forecast,
    home,
    incidents,
    operations,
    people,
    planning,
    rotas,
    search,
    services,
    sign_in,
    teams,
    telemetry,
)


class IncidentReference:
    """An incident as people write it: `INC-1042`, `inc-1042`, `1042`. Links say the first."""

    regex = "(?:[Ii][Nn][Cc]-?)?[0-9]{1,15}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value.lower().removeprefix("inc").removeprefix("-"))

    def to_url(self, value: int | str) -> str:
        """Return the reference."""
        return f"INC-{value}"


register_converter(IncidentReference, "incident")

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.index, name="search"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/link/", doors.ask, name="ask-link"),
    path("sign-in/link/<str:token>/", doors.use, name="use-link"),
    path("set-up/<str:token>/", doors.set_up, name="set-up"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("a/<str:token>/", acknowledge.acknowledge, name="acknowledge"),
    path("look/<str:token>/", acknowledge.look, name="look"),
    path("calendars/<str:token>.ics", calendars.calendar, name="calendar"),
    path("services/", services.index, name="services"),
    path("services/<slug:slug>/", services.service, name="service"),
    path("services/<slug:slug>/cover/", planning.cover, name="service-cover"),
    path("services/<slug:slug>/budget/", telemetry.budget, name="service-budget"),
    path("incidents/", incidents.index, name="incidents"),
    path("incidents/<incident:number>/", incidents.incident, name="incident"),
    path("incidents/<incident:number>/<slug:act>/", incidents.act, name="incident-act"),
    path("p/<uuid:uid>/", incidents.page, name="page"),
    path("rotas/", rotas.index, name="rotas"),
    path("rotas/<slug:slug>/", rotas.rota, name="rota"),
    path("rotas/<slug:slug>/overrides/", rotas.add_override, name="override-add"),
    path(
        "rotas/<slug:slug>/overrides/<int:override>/cancel/",
        rotas.cancel_override,
        name="override-cancel",
    ),
    path("rotas/<slug:slug>/calendar/", rotas.make_feed, name="rota-feed"),
    path(
        "rotas/<slug:slug>/calendar/<int:feed>/revoke/", rotas.revoke_feed, name="rota-feed-revoke"
    ),
    path("teams/", teams.index, name="teams"),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("domains/", teams.domains, name="domains"),
    path("domains/<slug:slug>/", teams.domain, name="domain"),
    path("people/", people.index, name="people"),
    path("people/me/", people.me, name="me"),
    path("people/me/password/", account.password, name="password"),
    path("people/me/test/", account.prove_addresses, name="my-test"),
    path("people/me/keys/", api_keys.mine, name="api-keys"),
    path("people/me/keys/<int:key>/revoke/", api_keys.revoke, name="api-key-revoke"),
    path("people/me/calendar/", account.make_feed, name="my-feed"),
    path("people/me/calendar/<int:feed>/revoke/", account.revoke_feed, name="my-feed-revoke"),
    path("people/<slug:slug>/", people.person, name="person"),
    path("portfolio/", planning.portfolio, name="portfolio"),
    path("costs/", costs.index, name="costs"),
    path("costs/postings/", costs.postings, name="postings"),
    path("costs/payroll/", costs.payroll, name="payroll"),
    path("people/<slug:slug>/pay/", costs.pay, name="pay"),
    path("planning/forecast/", forecast.index, name="forecast"),
    path("planner/", planning.planner, name="planner"),
    path("reviews/", planning.reviews, name="reviews"),
    path("reviews/<slug:slug>/<slug:move>/", planning.proposal, name="proposal"),
    path("telemetry/", telemetry.pipeline, name="telemetry"),
    path("budgets/", telemetry.budgets, name="budgets"),
    path("gaps/", operations.gaps, name="gaps"),
    path("engine/", operations.engine, name="engine"),
    path("keys/", operations.keys, name="keys"),
    path("keys/<int:key>/revoke/", operations.revoke_key, name="key-revoke"),
]
