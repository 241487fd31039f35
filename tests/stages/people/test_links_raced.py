"""A link works once, also for two who use it at one moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from andon.core import clock
from andon.people import actions
from andon.people.models import Person, SignInLink
from andon.people.rules import MOST_BY_MAIL
from tests.support import factories as make

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
AT_ONCE = 6


def raced(*works: object) -> list[object]:
    """Do all at one moment, each on a connection of its own; return what each came to."""
    gate = Barrier(len(works))

    def do(work: object) -> object:
        gate.wait(30)
        try:
            return work()  # type: ignore[operator]
        except actions.UnableToUseLink as refusal:
            return refusal
        except actions.UnableToMakeLink as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(do, works))


def test_a_link_that_is_used_twice_at_once_signs_in_once() -> None:
    make.person("ann")
    now = clock.now()
    plain = actions.make_sign_in_link(person="ann", by="test", now=now).plain
    done = raced(*[lambda: actions.use_sign_in_link(plain=plain, now=now)] * AT_ONCE)
    assert sum(isinstance(one, Person) for one in done) == 1


def test_two_links_of_one_person_at_once_sign_in_once() -> None:
    make.person("ann")
    now = clock.now()
    plains = [actions.make_sign_in_link(person="ann", by="x", now=now).plain for _ in range(4)]
    done = raced(*[lambda p=p: actions.use_sign_in_link(plain=p, now=now) for p in plains])
    assert sum(isinstance(one, Person) for one in done) == 1


def test_two_set_up_links_at_once_make_one_administrator() -> None:
    now = clock.now()

    def set_up(number: int) -> object:
        plain = actions.make_set_up_link(by="test", now=now).plain
        return lambda: actions.set_up(
            plain=plain,
            name=f"Person {number}",
            email=f"person-{number}@example.org",
            slug=f"person-{number}",
            password="marmalade tin under stairs",
            now=now,
        )

    done = raced(*[set_up(number) for number in range(4)])
    assert sum(isinstance(one, Person) for one in done) == 1
    assert Person.objects.filter(is_superuser=True).count() == 1


def test_many_who_ask_at_once_get_no_more_mails_than_one_who_asks_often() -> None:
    make.person("ann")
    now = clock.now()
    ask = lambda: actions.make_mailed_link(person="ann", next_path="", now=now)  # noqa: E731
    raced(*[ask] * (MOST_BY_MAIL + 3))
    assert SignInLink.objects.count() == MOST_BY_MAIL
