"""Which ways of grouping services under one rota are accepted."""

from andon.catalogue.types import DomainKind

#: Refused on purpose, and what is wrong with each (Equal Experts, at scale; Smith, Who Runs It).
REFUSED = {
    "geographic": (
        "a geographic domain puts unrelated services on one rota, "
        "more than the people on call can keep in their heads"
    ),
    "technology": (
        "a technology domain groups services by tool instead of by outcome, "
        "so the people on call share no customer and no goal"
    ),
}
_SYNONYMS = {
    "geography": "geographic",
    "region": "geographic",
    "regional": "geographic",
    "country": "geographic",
    "site": "geographic",
    "tech": "technology",
    "technical": "technology",
    "platform-layer": "technology",
    "frontend": "technology",
    "backend": "technology",
}


class RefusedDomain(ValueError):
    """A domain of a kind that is not accepted; the message says why."""


def domain_kind(text: str) -> DomainKind:
    """Read a domain's kind. Raises RefusedDomain for kinds that do not work and unknown ones."""
    word = text.strip().lower()
    if word in (DomainKind.PRODUCT, DomainKind.ARCHITECTURAL):
        return DomainKind(word)
    refused = REFUSED.get(_SYNONYMS.get(word, word))
    if refused:
        raise RefusedDomain(refused)
    raise RefusedDomain(f"{text!r} is not a kind of domain Andon knows")
