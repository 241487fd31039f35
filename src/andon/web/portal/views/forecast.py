"""What growing teams, services and exposure would need: the same forecast as `andon plan`'s."""

from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from andon.core import clock
from andon.planning.queries import remembered
from andon.planning.rules.forecast import Forecast, Growth, forecast
from andon.web.portal import charts
from andon.web.portal.pages import render


def _percent(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text="percent a year",
        initial=10,
        min_value=Decimal(-100),
        max_value=Decimal(500),
        max_digits=6,
    )


class _GrowthForm(forms.Form):
    """How an estate grows in a year."""

    teams = _percent("Teams")
    services = _percent("Services")
    exposure = _percent("Exposure")
    quarters = forms.IntegerField(label="Quarters", initial=4, min_value=1, max_value=12)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the estate quarter by quarter; ten percent more of everything unless said."""
    form = _GrowthForm(request.GET or {name: one.initial for name, one in _fields()})
    found = _forecast(form) if form.is_valid() else None
    context = {
        "section": "forecast",
        "form": form,
        "found": found,
        "chart": _bars(found) if found else None,
        "series": ("standby as planned", "a rota per team"),
    }
    return render(request, "forecast.html", context)


def _fields() -> list[tuple[str, forms.Field]]:
    return list(_GrowthForm.base_fields.items())


def _forecast(form: _GrowthForm) -> Forecast:
    said = form.cleaned_data
    growth = Growth(*(said[name] / 100 for name in ("teams", "services", "exposure")))
    portfolio = remembered.portfolio(now=clock.now())
    return forecast(portfolio=portfolio, growth=growth, quarters=said["quarters"])


def _bars(found: Forecast) -> charts.Bars | None:
    return charts.bars(
        (
            f"quarter {one.number}" if one.number else "now",
            (one.standby_per_month, one.naive_per_month),
        )
        for one in found.quarters
    )
