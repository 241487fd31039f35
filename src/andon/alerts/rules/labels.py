"""Which labels of an alert people are shown: those that tell one place from another first."""

from collections.abc import Iterator, Mapping

from andon.alerts.rules.normalise import cut_line
from andon.core import masking

#: More than these say nothing at a glance; the alert itself keeps them all.
_MOST = 8
_NAME, _VALUE = 60, 120
#: What a page says already, beside the labels.
_SAID = frozenset(("alertname", "service", "severity"))
#: Andon's own remarks have a place of their own.
_OWN = "andon_"
#: Where it is, from the narrowest to the widest, then what it is about; others follow by name.
_FIRST = (
    *("instance", "pod", "container", "host", "hostname", "node", "device", "mountpoint"),
    *("region", "zone", "availability_zone", "cluster", "namespace", "environment", "env"),
    *("slo", "tier", "target", "job"),
)
#: Stands for a value that is no secret by its looks.
_ANYTHING = "anything"
_RANK = {name: rank for rank, name in enumerate(_FIRST)}


def telling(labels: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the names and values of the labels people are shown, the most telling first.

    Without secrets, without what the alert says anyway, and few and short enough for a list.
    """
    named = sorted(labels, key=lambda name: (_RANK.get(name, len(_FIRST)), name))
    return tuple(_shown(labels, named))[:_MOST]


def _shown(labels: Mapping[str, object], named: list[str]) -> Iterator[tuple[str, str]]:
    for name in named:
        value = cut_line(str(labels[name]), limit=_VALUE)
        if value and not (name in _SAID or name.startswith(_OWN) or _is_secret(name)):
            yield cut_line(name, limit=_NAME), masking.text(value)


def _is_secret(name: str) -> bool:
    """Return whether a name says that its value is a secret, however that looks."""
    return masking.text(f"{name}={_ANYTHING}") != f"{name}={_ANYTHING}"
