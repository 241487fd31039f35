"""How the word EXERCISE is taken off what a row says; for the migrations of the tables it is in."""

from django.db.models.functions import LTrim, Substr

_WORD = "EXERCISE:"


def take_word_off(model, column):
    """Take the word off a column of the rows that are exercises by their kind."""
    rows = model.objects.filter(kind="exercise", **{f"{column}__startswith": _WORD})
    rest = LTrim(Substr(column, len(_WORD) + 1))
    rows.exclude(**{column: _WORD}).update(**{column: rest})
