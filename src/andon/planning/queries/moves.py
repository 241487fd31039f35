"""A portfolio with some services moved: another target, another cover, another trading week."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from andon.catalogue.rules.documents.insurance import read_insurance
from andon.catalogue.rules.targets import format_target
from andon.catalogue.types import Cover
from andon.catalogue.types.entity import PREFIX
from andon.core.documents.document import Document
from andon.core.documents.fields import Fields
from andon.core.documents.problems import DocumentProblem
from andon.core.errors import Refusal
from andon.planning.rules.selector import cover_of
from andon.planning.types import Insured, Portfolio, Stretch

FLAT = "flat"
_TRADING = PREFIX + "trading-week"


@dataclass(frozen=True, slots=True)
class ServiceMove:
    """What would be otherwise about a service; what is None stays as it is.

    A moved target brings the cover it buys, unless a cover is named too.
    """

    slug: str
    target_ppm: int | None = None
    cover: Cover | None = None
    #: As in the files: `mon-fri 08:00-20:00=10`; `flat` takes a trading week away.
    trading_week: str | None = None


class UnableToMove(Refusal):
    """The move names no service of the portfolio, or something it cannot have."""

    code = "unable_to_move"
    status = 409


def moved(*, portfolio: Portfolio, moves: Iterable[ServiceMove]) -> Portfolio:
    """Return a portfolio with services moved. Raises UnableToMove, which names the service."""
    known = {one.slug: one for one in portfolio.services}
    for move in moves:
        if move.slug not in known:
            raise UnableToMove(
                f"there is no service {move.slug!r} that can be planned for", service=move.slug
            )
        known[move.slug] = _moved(known[move.slug], move, portfolio)
    return replace(portfolio, services=tuple(known.values()))


def _moved(service: Insured, move: ServiceMove, portfolio: Portfolio) -> Insured:
    changed = service
    if move.target_ppm is not None:
        _check_target(move.target_ppm, service, portfolio)
        bought = cover_of(service=service, target_ppm=move.target_ppm, portfolio=portfolio)
        changed = replace(changed, target_ppm=move.target_ppm, cover=bought)
    if move.cover is not None:
        changed = replace(changed, cover=move.cover)
    if changed.cover is Cover.DOMAIN and not changed.domain and changed != service:
        raise UnableToMove(
            f"{service.slug} is in no domain whose rota could answer; name the cover team or none",
            service=service.slug,
        )
    if move.trading_week is not None:
        changed = replace(changed, week=_week(move.trading_week, service.slug, portfolio.currency))
    return changed


def _check_target(ppm: int, service: Insured, portfolio: Portfolio) -> None:
    offered = sorted(level.target_ppm for level in portfolio.levels)
    if ppm not in offered:
        words = ", ".join(map(format_target, offered))
        raise UnableToMove(
            f"{format_target(ppm)} is no target of this organisation; it has {words}",
            service=service.slug,
        )


def _week(text: str, slug: str, currency: str) -> tuple[Stretch, ...]:
    if text.strip().lower() == FLAT:
        return ()
    found: list[DocumentProblem] = []
    data = {_TRADING: text}
    source = Document("move", 1, data)
    said = read_insurance(Fields(source, (), data, found.append), currency=currency)
    if found:
        raise UnableToMove(f"{found[0].message}. {found[0].fix}", service=slug)
    return tuple(Stretch(*part) for part in said.week)
