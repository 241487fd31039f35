"""Whose fault an SMTP server's refusal is: RFC 5321 codes, RFC 3463 enhanced codes, and when."""

import re
from enum import StrEnum

from andon.paging.types import Fault, TransportError

_ENHANCED = re.compile(r"[245]\.([0-9]{1,3})\.([0-9]{1,3})\b")
#: What the second and third number of an enhanced code say, first match first. What is missing is
#: judged by the code alone.
_BY_SUBJECT: tuple[tuple[str, Fault], ...] = (
    # The sender is refused, often only once the recipient is named (Postfix delays it).
    (r"1\.[78]", Fault.INSTALLATION),
    (r"1\.[0-9]+|2\.1", Fault.RECIPIENT),
    # The recipient's mailbox is full; it may be emptied.
    (r"2\.2", Fault.TEMPORARY),
    (r"2\.3|3\.4|6\.[0-9]+", Fault.MESSAGE),
    # The mail system itself; its congestion, which is how providers say "quota used up".
    (r"3\.[0-9]+|4\.5", Fault.INSTALLATION),
)
#: Without an enhanced code, or with one that says nothing about it.
_BY_CODE = {
    452: Fault.INSTALLATION,
    500: Fault.INSTALLATION,
    501: Fault.INSTALLATION,
    502: Fault.INSTALLATION,
    503: Fault.INSTALLATION,
    504: Fault.INSTALLATION,
    521: Fault.INSTALLATION,
    530: Fault.INSTALLATION,
    534: Fault.INSTALLATION,
    535: Fault.INSTALLATION,
    538: Fault.INSTALLATION,
}
#: Bare codes that are about the recipient when they answer RCPT TO.
_BARE_RECIPIENT = {
    550: Fault.RECIPIENT,
    551: Fault.RECIPIENT,
    552: Fault.TEMPORARY,
    553: Fault.RECIPIENT,
    556: Fault.RECIPIENT,
}


class SmtpStep(StrEnum):
    """How far a mail had come when it was refused."""

    #: Greeting, EHLO, STARTTLS, signing in.
    CONNECTION = "refused us"
    SENDER = "refused the sender"
    RECIPIENT = "refused the recipient"
    MESSAGE = "refused the message"


def judge(*, step: SmtpStep, code: int, text: str) -> Fault:
    """Return whose fault a refusal is."""
    if code == 421:
        # Closing down, or too many connections at once: RFC 5321, 3.8.
        return Fault.TEMPORARY
    if step in (SmtpStep.CONNECTION, SmtpStep.SENDER):
        # Nobody's address has been named yet.
        return Fault.INSTALLATION
    enhanced = _ENHANCED.match(text)
    fault = _by_subject(f"{enhanced[1]}.{enhanced[2]}") if enhanced else None
    if fault is Fault.RECIPIENT and code < 500:
        return Fault.TEMPORARY
    if fault is not None:
        return fault
    if enhanced is None and step is SmtpStep.RECIPIENT and code in _BARE_RECIPIENT:
        return _BARE_RECIPIENT[code]
    return _BY_CODE.get(code, Fault.MESSAGE if code >= 500 else Fault.TEMPORARY)


def refusal(*, step: SmtpStep, code: int, text: bytes | str, where: str = "") -> TransportError:
    """Return the error for a refusal, with what the server said."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    said = f"{where} {step}: {code} {shown}".strip()[:500]
    return TransportError(said, fault=judge(step=step, code=code, text=shown))


def _by_subject(subject: str) -> Fault | None:
    return next((fault for form, fault in _BY_SUBJECT if re.fullmatch(form, subject)), None)
