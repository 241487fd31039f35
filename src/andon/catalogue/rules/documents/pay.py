"""`spec.pay`: what being available and being called out is paid."""

from datetime import timedelta

from andon.catalogue.types import Pay, Standby, StandbyUnit
from andon.core.documents.fields import Fields
from andon.core.money import Money

_KEYS = (
    "standbyPerWeek",
    "standby",
    "calloutPerHour",
    "minimumCallout",
    "calloutBlock",
    "holidayPercent",
    "includedInStandby",
    "responsePerHour",
    "capPerMonth",
    "rest",
    "exercisesPaid",
    "calloutOnlyReason",
)
_STANDBY_KEYS = ("per", "rate", "weekend", "holiday", "first", "every", "then", "holidayPercent")
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
    fields.only(_KEYS)
    nothing = Money.zero(currency)
    weekly = fields.money("standbyPerWeek", currency=currency) or nothing
    standby = _standby(fields, currency)
    reason = fields.text("calloutOnlyReason")
    if not (standby.rate if standby else weekly).minor and not reason:
        fields.refuse(
            "pay-standby",
            "being available is not paid, only the callout",
            "Write `standbyPerWeek`, or say why in `calloutOnlyReason`.",
            key="standbyPerWeek",
        )
    per_week = standby.rate if standby and standby.per is StandbyUnit.WEEK else weekly
    return Pay(
        standby_per_week=per_week,
        callout_per_hour=fields.money("calloutPerHour", currency=currency) or nothing,
        minimum_callout=fields.duration("minimumCallout", default=timedelta(hours=1)),
        callout_block=fields.duration("calloutBlock", default=timedelta(minutes=15)),
        holiday_percent=fields.integer("holidayPercent", default=200, least=100),
        standby=standby,
        included_in_standby=fields.duration("includedInStandby", default=timedelta(0)),
        response_per_hour=fields.money("responsePerHour", currency=currency),
        cap_per_month=fields.money("capPerMonth", currency=currency),
        rest=fields.duration("rest", default=timedelta(0)),
        exercises_paid=fields.boolean("exercisesPaid", default=False),
        callout_only_reason=reason,
    )


def _standby(pay: Fields, currency: str) -> Standby | None:
    fields = pay.mapping("standby")
    if fields is None:
        return None
    fields.only(_STANDBY_KEYS)
    if pay.data.get("standbyPerWeek"):
        message = "standby is declared twice, by the week and in `standby`"
        pay.refuse("pay-standby", message, "Keep one of the two.", key="standby")
    if not fields.text("per", required=True):
        return None
    per = fields.choice("per", StandbyUnit)
    if per is None:
        return None
    _only_its_own(fields, per)
    every = fields.duration("every", default=timedelta(hours=2))
    if every < _SHORTEST_BLOCK:
        fields.refuse("pay-standby", "a block has no length", "Write PT1M or more.", key="every")
    return Standby(
        per=per,
        rate=fields.money("rate", currency=currency) or Money.zero(currency),
        weekend=fields.money("weekend", currency=currency),
        holiday=fields.money("holiday", currency=currency),
        first=fields.duration("first", default=timedelta(hours=8)),
        every=max(every, _SHORTEST_BLOCK),
        then=fields.money("then", currency=currency),
        holiday_percent=fields.integer("holidayPercent", default=100, least=100),
    )


def _only_its_own(fields: Fields, per: StandbyUnit) -> None:
    for key, unit in _ONLY.items():
        if key in fields.data and unit is not per:
            message = f"standby per {per} does not read `{key}`"
            fields.refuse("pay-standby", message, f"It belongs to `per: {unit}`.", key=key)
