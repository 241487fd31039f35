"""How a subject that was one text is taken apart; for the migrations of pages and incidents."""

from django.db.models import F, Value
from django.db.models.functions import Length, Substr

#: How a ticket's subject ended.
_TICKET = ":ticket"


def take_apart(model):
    """Give the rows of a table the columns that their `subject` says.

    No row is changed twice: PostgreSQL would change the table only after the transaction then.
    """
    for kind in ("incident", "exercise", "test"):
        for of in ("service", "unknown"):
            start = f"{'' if kind == 'incident' else f'{kind}-'}{of}:"
            rows = model.objects.filter(kind=kind, subject__startswith=start)
            ref = Substr("subject", len(start) + 1)
            if of == "service":
                tickets = rows.filter(subject__endswith=_TICKET)
                left = Length(F("subject")) - Value(len(start) + len(_TICKET))
                only = Substr("subject", len(start) + 1, left)
                tickets.update(subject_kind="ticket", subject_ref=only)
                rows = rows.exclude(subject__endswith=_TICKET)
            rows.update(subject_kind=of, subject_ref=ref)
