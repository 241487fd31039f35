"""The first administrator and the catalogue, whichever comes first."""

from pathlib import Path

import pytest

from andon.core import clock
from andon.people import actions, queries
from andon.people.models import Person
from andon.slo import actions as slo

pytestmark = pytest.mark.database
SAMPLE = Path(__file__).parents[3] / "examples" / "fruits-r-us"
PASSWORD = "marmalade tin under stairs"


def set_up(email: str, slug: str) -> Person:
    secret = actions.make_set_up_link(by="andon up", now=clock.now())
    return actions.set_up(
        plain=secret.plain, name="Ama", email=email, slug=slug, password=PASSWORD, now=clock.now()
    )


@pytest.mark.parametrize("first", ["catalogue", "person"])
def test_the_administrator_and_their_entry_are_one_person(db: None, first: str) -> None:
    if first == "catalogue":
        slo.apply_folder(path=SAMPLE, by="test", now=clock.now())
        set_up("AMA@fruits.example", "somebody-else")
    else:
        set_up("ama@fruits.example", "ama")
        slo.apply_folder(path=SAMPLE, by="test", now=clock.now())
    ama = Person.objects.get(name="Ama Boateng")
    assert (ama.slug, ama.source) == ("ama", "catalogue")
    assert ama.is_superuser
    assert ama.check_password(PASSWORD)
    assert queries.account_of(typed="ama@fruits.example") == "ama"
    assert Person.objects.filter(is_superuser=True).count() == 1
