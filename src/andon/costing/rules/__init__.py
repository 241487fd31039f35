"""Decisions about money: pay, splits, what to post, and who may see it. Pure."""

from andon.costing.rules.allocation import allocate
from andon.costing.rules.callout import (
    INSTANT,
    callout_pay,
    hourly,
    no_callout,
    out_of_hours,
    paid_kinds,
    response_cost,
    why_unpaid,
)
from andon.costing.rules.effectiveness import altogether, protection
from andon.costing.rules.ledger import (
    cap_pay,
    differences,
    net,
    split_charges,
    split_dates,
    tag_for,
)
from andon.costing.rules.load import FEWEST_PEOPLE, fairness, loads, rest_owed
from andon.costing.rules.privacy import may_see_load, may_see_pay, veiled, veiled_callout
from andon.costing.rules.standby import standby_of, standby_pay

__all__ = [
    "FEWEST_PEOPLE",
    "INSTANT",
    "allocate",
    "altogether",
    "callout_pay",
    "cap_pay",
    "differences",
    "fairness",
    "hourly",
    "loads",
    "may_see_load",
    "may_see_pay",
    "net",
    "no_callout",
    "out_of_hours",
    "paid_kinds",
    "protection",
    "response_cost",
    "rest_owed",
    "split_charges",
    "split_dates",
    "standby_of",
    "standby_pay",
    "tag_for",
    "veiled",
    "veiled_callout",
    "why_unpaid",
]
