"""The PromQL of the panels. Blanks (`%%slo%%`) are filled in per objective or per selection.

They read what `telemetry.rules` records: `slo:bad:rate5m`, `slo:total:rate5m`,
`slo:error_ratio:<window>`, `slo:budget_left:ratio`, `slo:target:ratio` and `slo:info`; and Andon's
own gauges of incidents.
"""

from datetime import timedelta

#: What one objective's series are found by.
ONE = '{service="%%service%%",slo="%%slo%%"}'
#: Series of the objectives that a team, a domain or the organisation answers for.
_JOIN = "on (service, slo) group_left (team, domain) slo:info{%%where%%}"
_BY = "on (service, slo)"
#: Andon's gauges carry only the service, so a selection lists its services. Every node of Andon
#: that is scraped exports the same, hence the largest and not the sum.
INCIDENTS = 'max by (service) (andon_incidents_open{service!=""%%services%%})'


def at_risk(*, currency: str) -> str:
    """Return the exposure per hour of services with an open incident."""
    found = f'andon_incidents_at_risk_per_hour{{currency="{currency}"%%services%%}}'
    return f"max by (service) ({found})"


def ratio(window: str, *, of: str = ONE) -> str:
    """Return the share of bad events within a window."""
    return f"slo:error_ratio:{window}{of}"


def budget(*, of: str = ONE) -> str:
    """Return the share of a rolling period's budget that is left; negative when overspent."""
    return f"slo:budget_left:ratio{of}"


def allowed(*, of: str = ONE) -> str:
    """Return the share of events that may be bad: what is in force now, peaks included."""
    return f"(1 - slo:target:ratio{of})"


def burn(window: str, *, of: str = ONE) -> str:
    """Return how many times faster than even the budget goes, within a window."""
    return f"{ratio(window, of=of)} / {_BY} {allowed(of=of)}"


def budget_so_far(*, period: timedelta, of: str = ONE) -> str:
    """Return the share of a calendar period's budget that is left, from its start until now.

    The panel's time range must be the period so far. Events still to come are taken to be as many
    a second as those that came, so that a bad first hour does not look like a bad month.
    """
    over = f"{of}[$__range]"
    return f"1 - {_spent(over, of)} * $__range_s / {int(period.total_seconds())}"


def burn_down_so_far(*, period: timedelta, of: str = ONE) -> str:
    """Return `budget_so_far` as it was at every instant of the period."""
    since = "${__from:date:seconds}"
    over = f"{of} and on () vector(time()) >= {since})[$__range:5m]"
    spent = _spent(over, of, opened="(")
    return f"1 - {spent} * (time() - {since}) / {int(period.total_seconds())}"


def availability_so_far(*, of: str = ONE) -> str:
    """Return the share of good events since a calendar period started."""
    return f"1 - {_bad_so_far(of)} / {_BY} {_all_so_far(of)}"


def exhaustion(*, left: str, rate: str, period: timedelta) -> str:
    """Return the seconds until nothing is left at the burn rate of now, if anything burns."""
    return f"clamp_min({left}, 0) * {int(period.total_seconds())} / {_BY} ({rate} > 0)"


def time_left(*, left: str, period: timedelta) -> str:
    """Return the budget left as seconds of complete unavailability."""
    return f"({left}) * {_BY} {allowed()} * {int(period.total_seconds())}"


def traffic() -> str:
    """Return events a second."""
    return f"slo:total:rate5m{ONE}"


def state() -> str:
    """Return 1 while measured, 0 without traffic, -1 without data."""
    return f"max({traffic()} > bool 0) or on () vector(-1)"


def loss() -> str:
    """Return the money that is being lost per hour, by the worst objective of the service."""
    return 'max(slo:error_ratio:5m{service="%%service%%"}) * %%exposure%%'


def joined(expr: str) -> str:
    """Return series of the selection's objectives, with their team and domain.

    No other label: vmalert adds its group's name, which would keep rows of a table apart.
    """
    return f"max by (service, slo, team, domain) ({expr} * {_JOIN})"


def without_data() -> str:
    """Return the selection's objectives that nothing is measured for."""
    known = f"slo:info{{%%where%%}} unless {_BY} slo:total:rate5m"
    return f"max by (service, slo, team, domain) ({known})"


def _spent(over: str, of: str, opened: str = "") -> str:
    """Return bad events by those that may be bad: as peaks allowed it, where there were any."""
    bad, allowed_then, total = (
        f"sum_over_time({opened}slo:{what}:rate5m{over})" for what in ("bad", "allowed", "total")
    )
    return f"{bad} / {_BY} ({allowed_then} or {_BY} {total} * {_BY} {allowed(of=of)})"


def _bad_so_far(of: str) -> str:
    return f"sum_over_time(slo:bad:rate5m{of}[$__range])"


def _all_so_far(of: str) -> str:
    return f"sum_over_time(slo:total:rate5m{of}[$__range])"
