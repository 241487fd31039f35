"""Reads: what things cost, each figure with its working. Pay is shown only to who may see it."""

from andon.costing.queries.books import is_closed, ledger_zone
from andon.costing.queries.callouts import callout_cost
from andon.costing.queries.charges import Charges, load_charges
from andon.costing.queries.drafting import (
    drafts,
    last_sequences,
    standing,
    standing_value,
    taken_back,
)
from andon.costing.queries.files import payroll_csv
from andon.costing.queries.load import (
    UnableToShowLoad,
    list_rest,
    own_load,
    person_load,
    team_load,
)
from andon.costing.queries.people import (
    UnableToFindPerson,
    UnableToShowPay,
    payroll,
    person_statement,
)
from andon.costing.queries.postings import Only, list_postings
from andon.costing.queries.protection import protections, unbooked
from andon.costing.queries.signals import find_signals
from andon.costing.queries.statements import find_statement, list_statements

__all__ = [
    "Charges",
    "Only",
    "UnableToFindPerson",
    "UnableToShowLoad",
    "UnableToShowPay",
    "callout_cost",
    "drafts",
    "find_signals",
    "find_statement",
    "is_closed",
    "last_sequences",
    "ledger_zone",
    "list_postings",
    "list_rest",
    "list_statements",
    "load_charges",
    "own_load",
    "payroll",
    "payroll_csv",
    "person_load",
    "person_statement",
    "protections",
    "standing",
    "standing_value",
    "taken_back",
    "team_load",
    "unbooked",
]
