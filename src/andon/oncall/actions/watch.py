"""A plan that takes somebody off call at this instant is carried out only when that was agreed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from andon.catalogue.rules.plan import Foreseen, PlanLine
from andon.core.errors import Refusal
from andon.oncall import queries


class UnableToReplace(Refusal):
    """Nothing was applied: somebody on call now would be replaced, and nobody agreed to that.

    `data["rotas"]` are the slugs of the rotas.
    """

    code = "replaces_on_call"
    status = 409


@dataclass(frozen=True, slots=True)
class Watch:
    """Says what a plan does to who is on call, and refuses what was not agreed to.

    Asked in the transaction that writes, so that what is compared is what is in force, also when
    a hand-over came between the question and the answer.
    """

    agreed: Collection[str]

    def __call__(self, changes: tuple[PlanLine, ...], now: datetime) -> Foreseen:
        """Return what the changes do; raises UnableToReplace."""
        foreseen = queries.foresee(changes, now)
        replacing = [one for one in foreseen.said if one["replaces"]]
        asked = [one for one in replacing if one["rota"] not in self.agreed]
        if asked:
            said = "; ".join(str(one["words"]) for one in asked)
            raise UnableToReplace(
                f"nothing was applied: somebody on call now would be replaced at once: {said}",
                rotas=[str(one["rota"]) for one in asked],
            )
        return foreseen
