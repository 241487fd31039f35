"""The answers about today: selection, comparison, cover."""

from collections.abc import Sequence

from andon.catalogue.rules.targets import format_target
from andon.cli.plan.page import BarChart, Sheet, Table
from andon.cli.plan.words import assumed, model_name, number
from andon.core.words import say_count, say_exactly, say_list, say_share
from andon.planning.queries.answers import Assessed, Covers, Policies, Today
from andon.planning.rules.comparison import Comparison, Scale
from andon.planning.rules.cover import LeverOutcome, Verdict
from andon.planning.rules.exact import to_float
from andon.planning.rules.proviso import expected, proviso_of, shown
from andon.planning.rules.signals import PortfolioSignal
from andon.planning.types import Insured, Portfolio

#: Bars a reader still takes in.
MOST_BARS = 25
#: Services a sentence names.
MOST_NAMED = 5
AS_IS = "as it is"


def select(found: Today) -> Sheet:
    """Return how every service should be run, beside how it is."""
    portfolio, cost = found.portfolio, found.premium
    rows = [
        (
            one.service.slug,
            str(one.service.exposure_per_hour),
            str(one.service.deployment_target or "not said"),
            model_name(one.selected.model),
            format_target(one.selected.target_ppm),
            str(one.selected.cover or "app support"),
            _differs(one),
            "; ".join(one.selected.warnings),
        )
        for one in found.services
    ]
    services = Table(
        "How each service should be run",
        ("service", "exposure an hour", "demand", "model", "target", "out of hours", "today",
         "think about"),
        tuple(rows),
        frozenset({1}),
    )  # fmt: skip
    rotas = Table(
        "Rotas out of hours",
        ("rota", "kind", "services", "a month"),
        tuple(
            (one.owner, str(one.cover), ", ".join(one.services), str(one.per_month))
            for one in cost.rotas
        ),
        frozenset({3}),
        "; ".join(cost.working),
    )
    lead = f"{say_count(len(cost.rotas), 'rota')} for {say_count(cost.teams, 'team')} cost "
    lead += f"{cost.per_month} a month, {say_share(cost.saving)} less than a rota per team "
    lead += f"({cost.naive_per_month})."
    return Sheet(
        f"{portfolio.organisation}: operating models",
        (lead, _otherwise(found), *_warned(found.signals)),
        (services, rotas, _signals(found.signals)),
        (f"preset {portfolio.preset}", *assumed(portfolio)),
        portfolio.problems,
    )


def _otherwise(found: Today) -> str:
    differ = [one.service.slug for one in found.services if _differs(one) != AS_IS]
    if not differ:
        return "Every service has the target and cover its exposure and demand ask for."
    where = say_list(differ, most=MOST_NAMED)
    return f"Exposure and demand ask for something else at {where}."


def _warned(found: Sequence[PortfolioSignal]) -> tuple[str, ...]:
    shown = [one.name for one in found if one.shows]
    return (f"Signals that show: {', '.join(shown)}.",) if shown else ()


def compare(*, portfolio: Portfolio, found: Policies, service: Insured | None = None) -> Sheet:
    """Return the policies side by side: for the organisation's targets, or for one service's."""
    about = service.title if service else portfolio.organisation
    cost = found.premium
    lead = [f"{format_target(one.target_ppm)}: {one.verdict}." for one in found.targets]
    if not found.targets:
        lead = ["The organisation ties no loss to its targets; name a service with --service."]
    lead.append(f"At scale: {cost.per_month} a month against {cost.naive_per_month}.")
    return Sheet(
        f"{about}: policies by availability target",
        tuple(lead),
        (*(_comparison(one) for one in found.targets), _scale(found.at_scale)),
        (
            "loss grows linearly with time and is not capped",
            f"totals within {say_share(portfolio.assumptions.equality_tolerance)} are the same",
            *assumed(portfolio),
        ),
        portfolio.problems,
    )


def cover(*, portfolio: Portfolio, found: Covers) -> Sheet:
    """Return whether services need cover out of hours."""
    verdicts = found.services
    rows = tuple(
        (
            one.slug,
            "yes" if one.pays else "no",
            str(one.cover),
            str(one.premium_per_year),
            shown(amount=one.avoided_per_year, proviso=one.proviso),
            number(one.break_even_with_callouts, "never"),
            number(one.incidents_per_year, ""),
        )
        for one in verdicts
    )
    table = Table(
        "Does it need cover out of hours?",
        ("service", "pays", "cover", "premium a year", "loss saved a year", "pays from",
         "incidents a year"),
        rows,
        frozenset({3, 4, 5, 6}),
        " ".join(("Pays from: incidents a year, callouts included.", *_guessed(portfolio))),
        _cover_bars(verdicts),
    )  # fmt: skip
    yes = sum(one.pays for one in verdicts)
    lead = [one.sentence for one in verdicts] if len(verdicts) == 1 else []
    lead = lead or _in_short(verdicts, yes)
    tables = [table]
    if len(verdicts) == 1:
        tables.append(Table("Working", ("step",), tuple((line,) for line in verdicts[0].working)))
    if found.levers:
        tables.append(_levers(found.levers))
    assumptions = verdicts[0].assumptions if len(verdicts) == 1 else ()
    return Sheet(
        f"{portfolio.organisation}: cover out of hours",
        tuple(lead),
        tuple(tables),
        (*assumptions, *assumed(portfolio)),
        portfolio.problems,
    )


def _guessed(portfolio: Portfolio) -> tuple[str, ...]:
    rests = proviso_of(services=portfolio.services)
    return (f"Losses are saved {rests}.",) if rests else ()


def _in_short(verdicts: Sequence[Verdict], yes: int) -> list[str]:
    """Return how many covers pay, which do not, and which is the closest call."""
    lead = [f"Cover pays for {yes} of {say_count(len(verdicts), 'service')}."]
    no = [one.slug for one in verdicts if not one.pays]
    if no:
        lead.append(f"It does not pay for {say_list(no, most=MOST_NAMED)}.")
    if verdicts:
        one = min(verdicts, key=lambda each: (abs(each.net_per_year.minor), each.slug))
        lead.append(
            f"The closest call is {one.slug}: {one.premium_per_year} a year saves "
            f"{expected(amount=one.avoided_per_year, proviso=one.proviso)}."
        )
    return lead


def _differs(found: Assessed) -> str:
    one, wanted = found.service, found.selected
    today = f"{format_target(one.target_ppm)}, {one.cover}"
    same = one.target_ppm == wanted.target_ppm and wanted.cover in (one.cover, None)
    return AS_IS if same else today


def _comparison(one: Comparison) -> Table:
    even = one.break_even.words if one.break_even else "the policies are equally fast"
    return Table(
        f"{format_target(one.target_ppm)}: {say_exactly(one.allowance)} allowed, worth "
        f"{one.loss_over_allowance}",
        (
            "policy",
            "premium a month",
            "restores in",
            "loss an incident",
            "total a month",
            "breaks target",
        ),
        tuple(
            (
                row.policy,
                str(row.premium),
                say_exactly(row.time_to_restore),
                str(row.loss_per_incident),
                str(row.total),
                "yes" if row.breach else "",
            )
            for row in one.outcomes
        ),
        frozenset({1, 2, 3, 4}),
        f"{one.verdict}. {even}. Incidents a month: {number(one.incidents_per_month, '')}.",
        BarChart(
            f"Premium and projected loss at {format_target(one.target_ppm)}",
            tuple(row.policy for row in one.outcomes),
            (("total", tuple(to_float(row.total) for row in one.outcomes)),),
            (tuple(str(row.total) for row in one.outcomes),),
        ),
    )


def _scale(found: Sequence[Scale]) -> Table:
    return Table(
        "The whole portfolio, a 30-day month",
        ("policy", "rotas", "premium", "projected loss", "total"),
        tuple(
            (one.name, str(one.rotas), str(one.premium), str(one.projected_loss), str(one.total))
            for one in found
        ),
        frozenset({1, 2, 3, 4}),
        "Projected loss by exposure and incident rate of each service; waiting is not in it.",
    )


def _signals(found: Sequence[PortfolioSignal]) -> Table:
    return Table(
        "Signals",
        ("signal", "figure", "from", "shows", "what it is", "what to do"),
        tuple(
            (one.name, f"{one.value.normalize():f}", f"{one.threshold.normalize():f}",
             "yes" if one.shows else "no", one.words, one.fix if one.shows else "")
            for one in found
        ),
        frozenset({1, 2}),
    )  # fmt: skip


def _levers(found: Sequence[LeverOutcome]) -> Table:
    return Table(
        "Instead of cover, or besides it",
        ("lever", "what changes", "cover pays then", "premium a year", "loss it saves a year",
         "pays from"),
        tuple(
            (
                one.name,
                one.words,
                "yes" if one.verdict.pays else "no",
                str(one.verdict.premium_per_year),
                shown(amount=one.verdict.avoided_per_year, proviso=one.verdict.proviso),
                number(one.verdict.break_even_with_callouts, "never"),
            )
            for one in found
        ),
        frozenset({3, 4, 5}),
    )  # fmt: skip


def _cover_bars(verdicts: Sequence[Verdict]) -> BarChart | None:
    ordered = sorted(verdicts, key=lambda one: -abs(one.net_per_year.minor))[:MOST_BARS]
    if not ordered:
        return None
    return BarChart(
        "What cover costs and what it saves, a year",
        tuple(one.slug for one in ordered),
        (
            ("costs", tuple(to_float(one.premium_per_year) for one in ordered)),
            ("saves", tuple(to_float(one.avoided_per_year) for one in ordered)),
        ),
        (
            tuple(str(one.premium_per_year) for one in ordered),
            tuple(str(one.avoided_per_year) for one in ordered),
        ),
    )
