"""Who may see which address."""

from andon.people import rules
from andon.people.types import CONTACT_KINDS, Contact


def test_every_kind_of_address_is_masked() -> None:
    shown = {
        kind: rules.masked(kind=kind, address=address)
        for kind, address in (
            ("email", "ann@example.org"),
            ("ntfy", "https://u:p@n.example:8443/topic"),
            ("webhook", "https://h.example/x#whsec_abc"),
        )
    }
    assert shown == {
        "email": "a...@example.org",
        "ntfy": "https://n.example:8443/...",
        "webhook": "https://h.example/...",
    }
    assert set(shown) == set(CONTACT_KINDS.names()), "a new kind of address needs its mask"


def test_colleagues_are_listed_with_their_mail_address_and_nothing_else() -> None:
    mail = Contact("email", "ann@example.org")
    assert rules.listed(contact=mail) == mail
    topic = rules.listed(contact=Contact("ntfy", "https://ntfy.example/topic"))
    assert topic.address == "https://ntfy.example/..."


def test_a_contact_keeps_its_address_out_of_tracebacks() -> None:
    assert "topic" not in repr(Contact("ntfy", "https://ntfy.example/topic"))
