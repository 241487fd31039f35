"""Who may see which address. Whoever knows an ntfy topic or a webhook's URL reads every page."""

from dataclasses import replace

from andon.core import masking
from andon.people.types import CONTACT_KINDS, Contact


def masked(*, kind: str, address: str) -> str:
    """Return an address as it may be shown to anybody and logged: without what opens it."""
    found = CONTACT_KINDS.get(kind)
    return found.form.mask(address) if found else "..."


def listed(*, contact: Contact) -> Contact:
    """Return a contact as colleagues see it where people are listed.

    Mail addresses are those of the organisation's directory: knowing one opens nothing, and writing
    to whoever is on call is what the list is for. Everything else is masked.
    """
    found = CONTACT_KINDS.get(contact.kind)
    if found is not None and found.is_public:
        return contact
    return replace(contact, address=masked(kind=contact.kind, address=contact.address))


def said_of(words: str, *, address: str) -> str:
    """Return what a transport said about an address, without the address itself."""
    return masking.without(words, address=address)
