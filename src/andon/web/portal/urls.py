"""Where every page of the portal lives."""

from django.urls import path

from andon.web.portal.views import (
    acknowledge,
    calendars,
    costs,
    home,
    incidents,
    operations,
    people,
    planning,
    rotas,
    services,
    sign_in,
    teams,
    telemetry,
)

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("a/<str:token>/", acknowledge.acknowledge, name="acknowledge"),
    path("calendars/<str:token>.ics", calendars.calendar, name="calendar"),
    path("services/", services.index, name="services"),
    path("services/<slug:slug>/", services.service, name="service"),
    path("services/<slug:slug>/cover/", planning.cover, name="service-cover"),
    path("incidents/", incidents.index, name="incidents"),
    path("incidents/INC-<int:number>/", incidents.incident, name="incident"),
    path("incidents/INC-<int:number>/<slug:act>/", incidents.act, name="incident-act"),
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
    path("teams/", teams.index, name="teams"),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("domains/", teams.domains, name="domains"),
    path("domains/<slug:slug>/", teams.domain, name="domain"),
    path("people/", people.index, name="people"),
    path("people/me/", people.me, name="me"),
    path("people/<slug:slug>/", people.person, name="person"),
    path("portfolio/", planning.portfolio, name="portfolio"),
    path("costs/", costs.index, name="costs"),
    path("people/<slug:slug>/pay/", costs.pay, name="pay"),
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
