"""`spec.pay`: what being available and being called out is paid."""

from dataclasses import replace
from datetime import timedelta

from andon.catalogue.types import Pay, Standby, StandbyUnit
from andon.core.documents import declaring
from andon.core.documents.fields import Fields

#: Keys of `standby` that only one unit reads.
_ONLY = {
    "weekend": StandbyUnit.DAY,
    "holiday": StandbyUnit.DAY,
    "first": StandbyUnit.BLOCK,
    "every": StandbyUnit.BLOCK,
    "then": StandbyUnit.BLOCK,
}
_SHORTEST_BLOCK = timedelta(minutes=1)


def read_pay(spec: Fields, *, currency: str) -> Pay | None:
    """Return what the organisation pays, or None where it declares none.

    Paying callouts without standby is refused unless a reason is given (Equal Experts, governance).
    """
    fields = spec.mapping("pay")
    if fields is None:
        return None
    standby = _standby(fields, currency)
    pay = declaring.read(Pay, fields, books=currency, standby=standby)
    paid = standby.rate if standby else pay.standby_per_week
    if not paid.minor and not pay.callout_only_reason:
        fields.refuse(
            "pay-standby",
            "being available is not paid, only the callout",
            "Write `standbyPerWeek`, or say why in `calloutOnlyReason`.",
            key="standbyPerWeek",
        )
    if standby and standby.per is StandbyUnit.WEEK:
        return replace(pay, standby_per_week=standby.rate)
    return pay


def _standby(pay: Fields, currency: str) -> Standby | None:
    fields = pay.mapping("standby")
    if fields is None:
        return None
    if pay.data.get("standbyPerWeek"):
        message = "standby is declared twice, by the week and in `standby`"
        pay.refuse("pay-standby", message, "Keep one of the two.", key="standby")
    found = declaring.read_whole(Standby, fields, books=currency)
    if found is None:
        return None
    _only_its_own(fields, found.per)
    if found.every < _SHORTEST_BLOCK:
        fields.refuse("pay-standby", "a block has no length", "Write PT1M or more.", key="every")
    return replace(found, every=max(found.every, _SHORTEST_BLOCK))


def _only_its_own(fields: Fields, per: StandbyUnit) -> None:
    for key, unit in _ONLY.items():
        if key in fields.data and unit is not per:
            message = f"standby per {per} does not read `{key}`"
            fields.refuse("pay-standby", message, f"It belongs to `per: {unit}`.", key=key)
