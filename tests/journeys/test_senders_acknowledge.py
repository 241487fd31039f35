"""What every event does to a page in every state, from every sender that can send it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from andon.incidents.models import Incident
from andon.paging.models import Decision, Page
from tests.support.senders import ACTIONS, Sender
from tests.support.world import World

pytestmark = pytest.mark.database

NIGHT = "2026-03-03 23:00 Europe/London"
SAID = {"pagerduty": "PagerDuty key shop", "generic": "generic key shop"}
PAGED, OVER = "[", "Resolved"


@dataclass
class Scene:
    """A service with people on call, a sender, and who was told since the event."""

    world: World
    sender: Sender
    #: Brings the page into its state when the sender's kind cannot.
    helper: Sender

    def run(self) -> None:
        self.world.run()

    def told(self) -> list[tuple[str, str]]:
        found = [(one.to, one.message.subject) for one in self.world.inbox]
        self.world.inbox.clear()
        return found


def none(scene: Scene) -> None:
    """Nothing has happened."""


def unrouted(scene: Scene) -> None:
    scene.sender.send("trigger")


def paging(scene: Scene) -> None:
    unrouted(scene)
    scene.run()
    assert page().state == "paging"


def held(scene: Scene) -> None:
    scene.world.at(NIGHT)
    unrouted(scene)
    scene.run()
    assert page().state == "held"


def unanswered(scene: Scene) -> None:
    paging(scene)
    scene.world.forward("40m")
    assert page().state == "unanswered"


def taken(scene: Scene) -> None:
    paging(scene)
    scene.world.press(scene.world.inbox[0].message)
    assert page().acknowledged_by == "Ann"


def claimed(scene: Scene) -> None:
    paging(scene)
    if scene.sender.key.kind == "alertmanager":
        # It cannot acknowledge: its alert gives way to one of a sender that can.
        scene.helper.send("trigger", "b")
        scene.helper.send("acknowledge", "b")
        scene.sender.send("resolve")
    else:
        scene.sender.send("acknowledge")
    scene.run()
    assert page().state == "acknowledged"
    assert page().acknowledged_by.startswith("the sender (")


def resolved(scene: Scene) -> None:
    paging(scene)
    scene.sender.send("resolve")
    scene.run()
    assert page().state == "resolved"


def page() -> Page:
    return Page.objects.latest("pk")


#: What is sent, one after the other, before the engine's next turn: action, alert, severity.
TRIGGER = (("trigger", "a", "error"),)
WORSE = (("trigger", "a", "critical"),)
OTHER = (("trigger", "c", "error"),)
ACKNOWLEDGE = (("acknowledge", "a", "error"),)
RESOLVE = (("resolve", "a", "error"),)
ACKNOWLEDGE_AND_OTHER = (*ACKNOWLEDGE, *OTHER)
ACKNOWLEDGE_AND_WORSE = (*ACKNOWLEDGE, *WORSE)
WORSE_AND_ACKNOWLEDGE = (*WORSE, *ACKNOWLEDGE)
ACKNOWLEDGE_AND_RESOLVE = (*ACKNOWLEDGE, *RESOLVE)

ANN = [("ann", PAGED)]
ANN_OVER = [("ann", OVER)]
EVERYBODY_OVER = [("ann", OVER), ("ben", OVER), ("fallback", OVER)]
NOBODY: list[tuple[str, str]] = []
ONE_OF_TWO = "{who} acknowledged 1 of 2 alerts; nobody has acknowledged the other: "
LAPSED = "No sender acknowledges the alert any more: the page is decided anew, from the first step"

#: The state before, what is sent, the state after (empty: no page), who is told, a decision's
#: beginning (empty: nothing is decided).
TABLE = [
    (none, TRIGGER, "paging", ANN, "99.9% target, working hours: paging rota shop-rota"),
    (none, WORSE, "paging", ANN, "99.9% target, working hours: paging rota shop-rota"),
    (none, ACKNOWLEDGE, "", NOBODY, ""),
    (none, RESOLVE, "", NOBODY, ""),
    (unrouted, TRIGGER, "paging", ANN, "99.9% target, working hours: paging rota shop-rota"),
    (unrouted, WORSE, "paging", ANN, "99.9% target, working hours: paging rota shop-rota"),
    (unrouted, OTHER, "paging", ANN, "99.9% target, working hours: paging rota shop-rota"),
    (unrouted, ACKNOWLEDGE, "claimed", NOBODY,
     "{who} acknowledged the alert before anybody was paged: nobody is called"),
    (unrouted, WORSE_AND_ACKNOWLEDGE, "claimed", NOBODY,
     "{who} acknowledged the alert before anybody was paged: nobody is called"),
    (unrouted, ACKNOWLEDGE_AND_WORSE, "paging", ANN, "Step 1 of 3: paging Ann"),
    (unrouted, ACKNOWLEDGE_AND_OTHER, "paging", ANN, ONE_OF_TWO + "paging goes on"),
    (unrouted, ACKNOWLEDGE_AND_RESOLVE, "resolved", NOBODY, "Resolved before anybody was paged"),
    (unrouted, RESOLVE, "resolved", NOBODY, "Resolved before anybody was paged"),
    (held, TRIGGER, "held", NOBODY, ""),
    (held, WORSE, "held", NOBODY, "Severity raised to critical"),
    (held, OTHER, "held", NOBODY, "1 more of the same service"),
    (held, ACKNOWLEDGE, "claimed", NOBODY,
     "{who} acknowledged its alert: everything pending is cancelled"),
    (held, ACKNOWLEDGE_AND_OTHER, "held", NOBODY, ONE_OF_TWO + "the page stays held"),
    (held, RESOLVE, "resolved", NOBODY, "Every alert has resolved (the sender) before the page"),
    (paging, TRIGGER, "paging", NOBODY, ""),
    (paging, WORSE, "paging", NOBODY, "Severity raised to critical"),
    (paging, OTHER, "paging", NOBODY, "1 more of the same service"),
    (paging, ACKNOWLEDGE, "claimed", NOBODY,
     "{who} acknowledged its alert: everything pending is cancelled"),
    (paging, WORSE_AND_ACKNOWLEDGE, "claimed", NOBODY,
     "{who} acknowledged its alert: everything pending is cancelled"),
    (paging, ACKNOWLEDGE_AND_WORSE, "paging", NOBODY, "Severity raised to critical"),
    (paging, ACKNOWLEDGE_AND_OTHER, "paging", NOBODY, ONE_OF_TWO + "paging goes on"),
    (paging, ACKNOWLEDGE_AND_RESOLVE, "resolved", ANN_OVER, "Every alert has resolved"),
    (paging, RESOLVE, "resolved", ANN_OVER, "Every alert has resolved"),
    (unanswered, TRIGGER, "unanswered", NOBODY, ""),
    (unanswered, WORSE, "unanswered", NOBODY, "Severity raised to critical"),
    (unanswered, OTHER, "paging", ANN, "1 more of the same service"),
    (unanswered, ACKNOWLEDGE, "claimed", NOBODY,
     "{who} acknowledged its alert: everything pending is cancelled"),
    (unanswered, RESOLVE, "resolved", EVERYBODY_OVER, "Every alert has resolved"),
    (taken, TRIGGER, "taken", NOBODY, ""),
    (taken, WORSE, "taken", NOBODY, "Severity raised to critical"),
    (taken, OTHER, "taken", NOBODY, "1 more of the same service"),
    (taken, ACKNOWLEDGE, "taken", NOBODY, ""),
    (taken, ACKNOWLEDGE_AND_OTHER, "taken", NOBODY, "1 more of the same service"),
    (taken, RESOLVE, "resolved", ANN_OVER, "Every alert has resolved"),
    (claimed, TRIGGER, "claimed", NOBODY, ""),
    (claimed, WORSE, "paging", ANN, LAPSED),
    (claimed, WORSE_AND_ACKNOWLEDGE, "claimed", NOBODY, "Severity raised to critical"),
    (claimed, OTHER, "paging", ANN,
     ONE_OF_TWO + "the page is decided anew, from the first step"),
    (claimed, ACKNOWLEDGE, "claimed", NOBODY, ""),
    (claimed, ACKNOWLEDGE_AND_OTHER, "paging", ANN,
     ONE_OF_TWO + "the page is decided anew, from the first step"),
    (claimed, RESOLVE, "resolved", ANN_OVER, "Every alert has resolved"),
    (resolved, TRIGGER, "paging", ANN, "99.9% target, working hours: paging rota shop-rota"),
    (resolved, WORSE, "paging", ANN, "99.9% target, working hours: paging rota shop-rota"),
    (resolved, OTHER, "paging", ANN, "99.9% target, working hours: paging rota shop-rota"),
    (resolved, ACKNOWLEDGE, "resolved", NOBODY, ""),
    (resolved, RESOLVE, "resolved", NOBODY, ""),
]  # fmt: skip

#: After `claimed` by the helper, Alertmanager's own alert "a" is over and is a new one when it
#: fires, whatever its severity; its end was told already.
OF_ALERTMANAGER = {
    (claimed, TRIGGER): ("paging", ANN, ONE_OF_TWO),
    (claimed, WORSE): ("paging", ANN, ONE_OF_TWO),
    (claimed, RESOLVE): ("claimed", NOBODY, ""),
}


def rows() -> list[object]:
    found: list[object] = []
    for state, sent, *expected in TABLE:
        for kind, actions in ACTIONS.items():
            if not {action for action, _, _ in sent} <= set(actions):
                continue
            wanted = expected
            if kind == "alertmanager" and (state, sent) in OF_ALERTMANAGER:
                wanted = list(OF_ALERTMANAGER[state, sent])
            words = "-".join(f"{action}-{alert}-{severity}" for action, alert, severity in sent)
            name = f"{state.__name__}-{words}-{kind}"
            found.append(pytest.param(kind, state, sent, *wanted, id=name))
    return found


def scene_of(world: World, kind: str, target: str) -> Scene:
    world.service("shop", target=target)
    world.rota("shop-rota", ["ann", "ben"], team="shop")
    sender = Sender(world, kind, service="shop")
    helper = sender if kind != "alertmanager" else Sender(world, "pagerduty", service="shop")
    return Scene(world, sender, helper)


@pytest.mark.parametrize(("kind", "before", "sent", "after", "told", "decision"), rows())
def test_every_event_in_every_state_of_a_page(
    world: World,
    kind: str,
    before: Callable[[Scene], None],
    sent: tuple[tuple[str, str, str], ...],
    after: str,
    told: list[tuple[str, str]],
    decision: str,
) -> None:
    scene = scene_of(world, kind, "99.0" if before is held else "99.9")
    before(scene)
    scene.told()
    decided = Decision.objects.count()
    for action, alert, severity in sent:
        scene.sender.send(action, alert, severity=severity)
    scene.run()
    got = scene.told()
    assert [to for to, _ in got] == [to for to, _ in told]
    assert all(one[1].startswith(want[1]) for one, want in zip(got, told, strict=True))
    reasons = world.reasons()[decided:]
    words = decision.format(who=SAID.get(scene.helper.key.kind, ""))
    assert any(one.startswith(words) for one in reasons) if words else reasons == []
    if not after:
        assert not Page.objects.exists()
        return
    expected = {"claimed": ("acknowledged", True), "taken": ("acknowledged", False)}
    state, by_sender = expected.get(after, (after, False))
    assert page().state == state
    assert after == "resolved" or page().acknowledged_by_sender == by_sender
    told_who = f"the sender ({SAID.get(scene.helper.key.kind)})"
    who = {"claimed": told_who, "taken": "Ann"}.get(after)
    assert page().acknowledged_by == (who or page().acknowledged_by)
    _incident_agrees(after, who or "")


def _incident_agrees(after: str, who: str) -> None:
    """The incident tells the same story: nobody has it unless somebody has its page."""
    incident = Incident.objects.latest("pk")
    states = {"claimed": "acknowledged", "taken": "acknowledged", "resolved": "restored"}
    assert incident.state == states.get(after, "open")
    if after != "resolved":
        assert incident.acknowledged_by == who


def test_a_sender_that_acknowledges_wakes_nobody_else(world: World) -> None:
    scene = scene_of(world, "pagerduty", "99.9")
    paging(scene)
    world.expect.email(to="ann")
    world.forward("3s")
    scene.sender.send("acknowledge")
    scene.run()
    world.forward("2h")
    world.expect.nothing()
    assert page().state == "acknowledged"
    assert page().acknowledged_by == "the sender (PagerDuty key shop)"


def test_a_page_of_several_senders_is_taken_when_each_has_acknowledged(world: World) -> None:
    scene = scene_of(world, "pagerduty", "99.9")
    other = Sender(world, "generic", service="shop", name="cron")
    silent = Sender(world, "alertmanager", service="shop", name="prod")
    for one, alert in ((scene.sender, "a"), (other, "b"), (silent, "c")):
        one.send("trigger", alert)
    scene.run()
    world.expect.email(to="ann")
    scene.sender.send("acknowledge", "a")
    scene.run()
    [reason] = world.reasons("acknowledged in part")
    assert reason == (
        "PagerDuty key shop acknowledged 1 of 3 alerts; nobody has acknowledged the other 2: "
        "paging goes on"
    )
    world.forward("5m")
    world.expect.email(to="ben")
    other.send("acknowledge", "b")
    scene.run()
    assert page().state == "paging"
    silent.send("resolve", "c")
    scene.run()
    assert page().acknowledged_by == "the senders (PagerDuty key shop and generic key cron)"
    [reason] = world.reasons("acknowledged")
    assert reason == (
        "PagerDuty key shop and generic key cron acknowledged all 2 alerts: "
        "everything pending is cancelled"
    )
    world.forward("2h")
    world.expect.nothing()


def test_what_only_a_sender_took_pages_from_the_first_step_again(world: World) -> None:
    scene = scene_of(world, "pagerduty", "99.9")
    paging(scene)
    world.expect.email(to="ann")
    world.forward("6m")
    world.expect.email(to="ben")
    scene.sender.send("acknowledge")
    scene.run()
    world.forward("1h")
    scene.sender.send("trigger", "later")
    scene.run()
    world.expect.email(to="ann", containing="a is wrong")
    world.forward("5m")
    world.expect.email(to="ben")
    assert Incident.objects.get().state == "open"
    scene.sender.send("acknowledge", "later")
    scene.run()
    world.forward("2h")
    world.expect.nothing()
    assert page().state == "acknowledged"
    assert Incident.objects.get().acknowledged_by == "the sender (PagerDuty key shop)"


def test_what_was_asked_round_after_round_begins_anew_and_no_message_is_lost(world: World) -> None:
    scene = scene_of(world, "pagerduty", "99.9")
    unanswered(scene)
    world.forward("1h")
    scene.sender.send("acknowledge")
    scene.run()
    world.inbox.clear()
    scene.sender.send("trigger", "later")
    scene.run()
    world.expect.email(to="ann")
    world.forward("5m")
    world.expect.email(to="ben")
    assert world.reasons("collided") == []


def test_what_only_a_sender_took_is_held_again_where_nobody_is_woken(world: World) -> None:
    scene = scene_of(world, "pagerduty", "99.0")
    held(scene)
    scene.sender.send("acknowledge")
    scene.run()
    scene.sender.send("trigger", "later")
    scene.run()
    assert page().state == "held"
    world.forward("9h")
    assert page().state == "held"
    world.forward("1h")
    world.expect.email(to="ann", at="2026-03-04 09:00 Europe/London")
    assert world.reasons("released")[-1].startswith("The page was held until now.")


def test_a_person_takes_over_from_a_sender_and_keeps_the_page(world: World) -> None:
    scene = scene_of(world, "pagerduty", "99.9")
    paging(scene)
    message = world.expect.email(to="ann")
    scene.sender.send("acknowledge")
    scene.run()
    world.forward("1m")
    assert world.press(message).acknowledged_by == "Ann"
    incident = Incident.objects.get()
    assert (incident.acknowledged_by, incident.acknowledged_person.slug) == ("Ann", "ann")
    scene.sender.send("trigger", "later")
    scene.run()
    world.forward("2h")
    world.expect.nothing()
    assert page().state == "acknowledged"


def test_a_page_joins_a_ticket_of_an_unknown_service_and_wakes_somebody(world: World) -> None:
    """Its subject is the same, so it joins; whoever was asked about the ticket had a day."""
    world.rota("duty", ["dan", "eve"])
    world.organisation(catchAllRota="duty")
    world.alertmanager("firing", service="typo", name="Slow", severity="ticket")
    world.press(world.expect.email(to="dan"))
    world.alertmanager("firing", service="typo", name="Down", severity="critical")
    world.expect.email(to="dan", containing="[critical]")
    world.forward("5m")
    world.expect.email(to="eve")
