"""How a subject that was one text is taken apart; for the migrations of pages and incidents."""

from django.db.models import F, Value
from django.db.models.functions import Length, Substr

#: How a ticket's subject ended.
_TICKET = ":ticket"


def take_apart(model):
    """Give the rows of a table the columns that its `subject` says, each kind in one statement."""
    for kind in ("incident", "exercise", "test"):
        mark = "" if kind == "incident" else f"{kind}-"
        for of in ("service", "unknown"):
            start = f"{mark}{of}:"
            rows = model.objects.filter(kind=kind, subject__startswith=start)
            rows.update(subject_kind=of, subject_ref=Substr("subject", len(start) + 1))
        start = f"{mark}service:"
        tickets = model.objects.filter(
            kind=kind, subject__startswith=start, subject__endswith=_TICKET
        )
        left = Length(F("subject")) - Value(len(start) + len(_TICKET))
        tickets.update(
            subject_kind="ticket", subject_ref=Substr("subject", len(start) + 1, left)
        )
