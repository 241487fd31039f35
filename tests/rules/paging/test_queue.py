"""What a lane's threads get, in what order: no clock of the wall, no database."""

import time
from datetime import UTC, datetime

from andon.engine.lanes.queue import MORE, Queue
from andon.paging.actions.delivery import Claimed
from andon.paging.types import Message
from andon.people.types import Contact

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


def a(number: int, to: str = "", *, priority: int = 5) -> Claimed:
    destination = to or f"{number}@example.org"
    return Claimed(
        id=number, fence=1, kind="email", destination=destination, server="", whom="Ann",
        purpose="page", step=0, priority=priority, created_at=NOW, attempts=1, unknowns=0,
        page_id=number, page_opened_at=NOW, is_first=True, contact_method_id=None,
        failing_since=None,
        message=Message(
            uid=f"{number}", contact=Contact("email", destination), subject="s", body="b",
            data={}, link="", ack_link="",
        ),
    )  # fmt: skip


def send(queue: Queue, *, seconds: float = 1.0, until_next: float = 0.0) -> list[int]:
    """Admit, mark and take what may go now, as the clerk and the threads do; return the ids."""
    admitted = queue.admit(until_next=until_next)
    queue.go(admitted, started={one.id for one in admitted}, good_for=60)
    for _ in admitted:
        taken = queue.take()
        assert taken is not None
        queue.through(taken, failed=False, seconds=seconds)
    return [one.id for one in admitted]


def test_one_destination_has_one_message_until_its_result_is_written_down() -> None:
    queue = Queue(workers=8)
    many = [a(n, "ann@example.org") for n in range(3)]
    queue.put(many)
    assert send(queue) == [0]
    assert send(queue) == [], "it was sent, and nobody knows yet"
    queue.done([many[0]])
    assert send(queue) == [1]


def test_the_urgent_go_first_and_as_many_as_threads_are_free() -> None:
    queue = Queue(workers=2)
    queue.put([a(1), a(2, priority=0), a(3)])
    assert [one.id for one in queue.admit()] == [2, 1]
    assert queue.admit() == []


def test_fast_threads_get_more_and_slow_ones_one_each() -> None:
    queue = Queue(workers=4)
    queue.put([a(n) for n in range(200)])
    while queue._pace > 0.001:
        queue.put([a(1000 + queue.ready())])
        sent = send(queue, seconds=0.0005)
        queue.done([a(n) for n in sent])
    queue.put([a(n) for n in range(5000, 5300)])
    assert len(send(queue, seconds=8.0, until_next=10.0)) == 4 + MORE
    assert len(queue.admit(until_next=1.0)) == 4, "one was slow: no more than there are threads"


def test_what_could_not_be_marked_waits_again() -> None:
    queue = Queue(workers=1)
    queue.put([a(1), a(2)])
    queue.put_back(queue.admit())
    assert send(queue) == [1]


def test_what_is_not_ours_any_more_frees_its_place() -> None:
    queue = Queue(workers=1)
    queue.put([a(1), a(2)])
    queue.go(queue.admit(), started=set(), good_for=60)
    assert send(queue) == [2]


def test_a_message_whose_lease_ended_while_we_were_frozen_is_not_sent() -> None:
    queue = Queue(workers=1)
    queue.put([a(1), a(2)])
    admitted = queue.admit()
    queue.go(admitted, started={1}, good_for=-1.0)
    queue.close()
    assert queue.take() is None
    queue.renewed(good_for=60)
    queue.go(queue.admit(), started={2}, good_for=-1.0)
    taken = queue.take()
    assert taken is not None
    assert taken.id == 2, "renewed meanwhile: we were only slow"


def test_paperwork_does_not_wait_for_a_slow_receiver_but_for_our_own_writing() -> None:
    queue = Queue(workers=8)
    first, second = a(1, "ann@example.org"), a(2, "ann@example.org")
    queue.put([first, second])
    queue.go(queue.admit(), started={1}, good_for=60)
    queue.admit()
    assert not queue.rests(), "it was started just now"
    queue._started[1].at = time.perf_counter() - 1
    assert queue.rests()
    queue.through(first, failed=False, seconds=1.0)
    assert not queue.rests(), "its result is to be written down, then the other goes"


def test_all_that_is_here_is_held_until_it_is_written_down() -> None:
    queue = Queue(workers=1)
    queue.put([a(1), a(2), a(3, "2@example.org")])
    assert send(queue) == [1]
    assert {one.id for one in queue.held()} == {1, 2, 3}
    queue.done([a(1)])
    assert {one.id for one in queue.held()} == {2, 3}
    assert queue.holds()
